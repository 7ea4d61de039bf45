import type { Digest, Instant } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import type { Cursor, Plan, Position, Submission, UploadDeclaration } from "@sotto/protocol";
import type { AttestingState, KeyingState, RevealingState, SharingState, SubmittingState } from "@sotto/secagg";
import type { Policy } from "../guard/policy.ts";
import type { Marks } from "../guard/position-guard.ts";
import type { Identity, SeenRoster } from "../guard/roster-guard.ts";

/** Who this client is and what its owner grants. The same in every state. */
export interface Self extends Identity {
  /** Ed25519 secret key, 32 bytes: long-lived, owned by the shell, never among what a step consumed. */
  readonly signingKey: Uint8Array;
  readonly policy: Policy;
}

/** What outlives a round. Nothing in it is secret. */
export interface Memory {
  /** The last instruction taken up. */
  readonly cursor: Cursor | null;
  /** The last roster accepted by this process. */
  readonly roster: Roster | null;
  /** The last roster ever accepted: its version never goes down. */
  readonly seenRoster: SeenRoster | null;
  readonly marks: Marks;
  /** When the last round was left. */
  readonly leftAt: Instant | null;
}

/** A `train` instruction that passed the guard. */
export interface Offer {
  readonly position: Position;
  readonly plan: Plan;
  readonly planDigest: Digest;
  readonly modelDigest: Digest;
  readonly modelSizeBytes: number;
  readonly rosterDigest: Digest;
}

/** How far local work is: the roster is checked before the model is fetched; the result is held by the shell. */
export type Work =
  | { readonly kind: "checking" }
  | { readonly kind: "computing"; readonly roster: Roster }
  | { readonly kind: "computed"; readonly roster: Roster };

/** How a round ended for this client. */
export type Ending =
  /** It sent all it was asked for. */
  | { readonly kind: "revealed" }
  /** It left by its own checks. */
  | { readonly kind: "withdrew"; readonly code: string }
  /** The coordinator refused it, or could not be told. */
  | { readonly kind: "turned-away"; readonly code: string };

interface Always {
  readonly self: Self;
  readonly memory: Memory;
}

interface InRound extends Always {
  readonly offer: Offer;
  /** The session this client is in; before one, the position of the offer. */
  readonly position: Position;
}

interface InSession extends InRound {
  readonly roster: Roster;
}

/** In no round. */
export interface Waiting extends Always {
  readonly phase: "waiting";
}

/** Computing, or done and waiting for a session. */
export interface Training extends InRound {
  readonly phase: "training";
  readonly work: Work;
}

/** Its session keys are advertised; waits for the cohort's. */
export interface Keying extends InSession {
  readonly phase: "keying";
  readonly session: KeyingState;
  readonly sent: Submission;
}

/** Its shares are dealt; waits for the shares dealt to it. */
export interface Sharing extends InSession {
  readonly phase: "sharing";
  readonly session: SharingState;
  readonly sent: Submission;
}

/** The shell is masking: from here on the update is spent. */
export interface Submitting extends InSession {
  readonly phase: "submitting";
  readonly session: SubmittingState;
}

/** Its contribution is on its way or there; waits for the survivors. */
export interface Attesting extends InSession {
  readonly phase: "attesting";
  readonly session: AttestingState;
  readonly declaration: UploadDeclaration;
}

/** It signed the survivors; waits for the quorum's signatures. */
export interface Revealing extends InSession {
  readonly phase: "revealing";
  readonly session: RevealingState;
  readonly sent: Submission;
}

/** Done with the round at `position`; holds no secret. */
export interface Ended extends Always {
  readonly phase: "ended";
  readonly position: Position;
  readonly ending: Ending;
}

/** Everything a client is between two events. Holds no vector. */
export type State = Waiting | Training | Keying | Sharing | Submitting | Attesting | Revealing | Ended;

/** The phases of a client, in the order of a round (ARCHITECTURE 3). */
export type Phase = State["phase"];

/** A state inside a round. */
export type RoundState = Exclude<State, Waiting | Ended>;

/** A state that holds session secrets. */
export type SessionState = Exclude<RoundState, Training>;

/**
 * What a client never forgets, however its process ends: durable before the first message that depends on it leaves. Nothing in it is
 * secret.
 */
export interface Remembered extends Pick<Memory, "seenRoster" | "marks" | "leftAt"> {
  /** Whether it is in a round: one whose process dies there leaves that round unseen. */
  readonly isInRound: boolean;
}

/** What is to be remembered of a state. */
export function rememberedOf(state: State): Remembered {
  const { seenRoster, marks, leftAt } = state.memory;
  return { seenRoster, marks, leftAt, isInRound: isInRound(state) };
}

/** Whether nothing that is to be remembered changed from one state to the next. */
export function isSameRemembered(a: Remembered, b: Remembered): boolean {
  return a.marks === b.marks && a.seenRoster === b.seenRoster && a.leftAt === b.leftAt && a.isInRound === b.isInRound;
}

/**
 * A client that starts at `at` with what an earlier process of it remembered, if there was one. It knows no session: whatever that
 * process held of one is lost. A round that it died in counts as left now.
 */
export function initialState(self: Self, remembered: Remembered | null, at: Instant): Waiting {
  const { seenRoster, marks, leftAt, isInRound: wasInRound } = remembered ?? nothing;
  return { phase: "waiting", self, memory: { cursor: null, roster: null, seenRoster, marks, leftAt: wasInRound ? at : leftAt } };
}

const nothing: Remembered = { seenRoster: null, marks: new Map(), leftAt: null, isInRound: false };

/** Whether a state is inside a round. */
export function isInRound(state: State): state is RoundState {
  return state.phase !== "waiting" && state.phase !== "ended";
}

/** Whether a state holds session secrets. */
export function isInSession(state: State): state is SessionState {
  return isInRound(state) && state.phase !== "training";
}
