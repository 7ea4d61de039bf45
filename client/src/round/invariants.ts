import { assertNever, digestFromBytes, invariant } from "@sotto/base";
import { isSamePosition, type Position, type Submission } from "@sotto/protocol";
import { attestedAt, isAtLeast, isBefore, isEntered, isOffered, isSpent, type Marks } from "../guard/position-guard.ts";
import type { Effect } from "./effect.ts";
import { type Event, isInstruction } from "./event.ts";
import { type Step, secretsIn, secretsInEffect } from "./moves.ts";
import { isInRound, isInSession, type State } from "./state.ts";
import { transitions } from "./transition.ts";

/** One step, whole. */
export interface Move {
  readonly before: State;
  readonly event: Event;
  readonly next: Step;
}

/** What no step of a client breaks, numbered as in round/SPEC.md. */
export const invariants: readonly { readonly claim: string; readonly holds: (move: Move) => boolean }[] = [
  { claim: "1: the phase changes only as transitions says", holds: movesByTable },
  { claim: "2: every secret of the state left is kept, handed to masking, or consumed", holds: losesNoSecret },
  { claim: "3: nothing consumed is still in use", holds: consumesNothingInUse },
  { claim: "4: marks and the roster version never go down", holds: remembersUpwards },
  { claim: "5: session keys are made only for a session above the last one entered", holds: entersUpwards },
  { claim: "6: an update is handed to masking once, and its round is spent from then on", holds: masksOnce },
  { claim: "7: masking happens only in a cohort the policy and the plan both allow", holds: masksInCompany },
  { claim: "8: one long poll follows an instruction, none anything else", holds: pollsOnce },
  { claim: "9: a session has one attestation: a new one is made only on leaving attesting", holds: attestsOnce },
  { claim: "10: shares are revealed only on leaving revealing, which ends the round", holds: revealsLast },
  { claim: "11: a client that refuses says so once and has ended", holds: withdrawsOnce },
  { claim: "12: what is sent is of the session the client is in", holds: sendsInPosition },
  { claim: "13: leaving a round drops its work", holds: dropsOnLeaving },
  { claim: "14: what a message depends on is in the memory that its step hands on", holds: remembersWhatItSends },
];

/** @throws FlError `internal` naming the first invariant the move breaks */
export function assertInvariants(move: Move): void {
  for (const { claim, holds } of invariants) invariant(holds(move), claim);
}

function movesByTable({ before, event, next }: Move): boolean {
  return transitions[before.phase][event.kind].includes(next.state.phase);
}

function losesNoSecret({ before, next }: Move): boolean {
  const accounted = new Set([...secretsIn(next.state), ...next.consumed, ...next.effects.flatMap(secretsInEffect)]);
  return secretsIn(before).every((secret) => accounted.has(secret));
}

function consumesNothingInUse({ next }: Move): boolean {
  const inUse = new Set([...secretsIn(next.state), ...next.effects.flatMap(secretsInEffect)]);
  return !inUse.has(next.state.self.signingKey) && next.consumed.every((secret) => !inUse.has(secret));
}

function remembersUpwards({ before, next }: Move): boolean {
  const { marks, seenRoster } = before.memory;
  const later = next.state.memory;
  const isKept = [...marks].every(([task, mark]) => isAtLeast(later.marks.get(task), mark));
  return isKept && (seenRoster === null || (later.seenRoster !== null && later.seenRoster.version >= seenRoster.version));
}

function entersUpwards({ before, next }: Move): boolean {
  const { state } = next;
  if (state.phase !== "keying" || (before.phase === "keying" && before.session === state.session)) return true;
  const last = before.memory.marks.get(state.position.task)?.entered ?? null;
  const now = state.memory.marks.get(state.position.task)?.entered ?? null;
  return (last === null || isBefore(last, state.position)) && now !== null && !isBefore(now, state.position);
}

function masksOnce({ before, next }: Move): boolean {
  return masksOf(next).every(
    ({ position }) =>
      !isSpent(before.memory.marks, position) && isSpent(next.state.memory.marks, position) && next.state.phase === "submitting",
  );
}

function masksInCompany({ next }: Move): boolean {
  const { policy } = next.state.self;
  return masksOf(next).every(({ cohortSize, plan }) => cohortSize >= Math.max(policy.minCohort, plan.aggregation.cohortSizeMin));
}

function pollsOnce({ event, next }: Move): boolean {
  return countOf(next, "poll") === (isInstruction(event) ? 1 : 0);
}

function attestsOnce({ before, next }: Move): boolean {
  const attestations = submissionsOf(next).filter(({ kind }) => kind === "attestation");
  if (before.phase === "attesting") return attestations.length <= 1;
  return attestations.every((attestation) => before.phase === "revealing" && attestation === before.sent);
}

function revealsLast({ before, next }: Move): boolean {
  const reveals = submissionsOf(next).filter(({ kind }) => kind === "reveal");
  return reveals.length === 0 || (reveals.length === 1 && before.phase === "revealing" && next.state.phase === "ended");
}

function withdrawsOnce({ next }: Move): boolean {
  const withdrawals = submissionsOf(next).filter(({ kind }) => kind === "withdrawal").length;
  const refusals = next.effects.filter((effect) => effect.kind === "notice" && effect.notice.kind === "refused").length;
  return withdrawals === refusals && withdrawals <= 1 && (withdrawals === 0 || next.state.phase === "ended");
}

function sendsInPosition({ next }: Move): boolean {
  const { state } = next;
  const here = state.phase === "waiting" ? null : state.position;
  const positions = next.effects.flatMap((effect) => positionOf(effect) ?? []);
  return positions.every((position) => here !== null && isSamePosition(position, here));
}

function dropsOnLeaving({ before, next }: Move): boolean {
  const { state } = next;
  if (!isInRound(before) || (isInRound(state) && state.offer === before.offer)) return true;
  // What is left of a revealed round is the message that reveals: its contribution was dropped when the survivors were fixed.
  if (state.phase === "ended" && state.ending.kind === "revealed") return !isInSession(state);
  return next.effects.some((effect) => effect.kind === "drop" && effect.what === "round");
}

function remembersWhatItSends({ next: { state, effects } }: Move): boolean {
  const { marks } = state.memory;
  if (!effects.every((effect) => isRemembered(effect, marks))) return false;
  return (
    state.phase !== "revealing" || attestedAt(marks, state.position)?.survivorsDigest === digestFromBytes(state.session.survivorsDigest)
  );
}

function isRemembered(effect: Effect, marks: Marks): boolean {
  switch (effect.kind) {
    case "compute":
      return isOffered(marks, effect.position);
    case "mask":
      return isSpent(marks, effect.position);
    case "upload":
      return isSpent(marks, effect.declaration.position);
    case "submit":
      return isSubmissionRemembered(effect.submission, marks);
    default:
      return true;
  }
}

function isSubmissionRemembered({ kind, position }: Submission, marks: Marks): boolean {
  switch (kind) {
    case "withdrawal":
      return true;
    case "ready":
      return isOffered(marks, position);
    case "advert":
    case "shares":
      return isEntered(marks, position);
    case "attestation":
    case "reveal":
      return attestedAt(marks, position) !== null;
    default:
      return assertNever(kind);
  }
}

function positionOf(effect: Effect): Position | null {
  switch (effect.kind) {
    case "submit":
      return effect.submission.position;
    case "upload":
      return effect.declaration.position;
    case "compute":
    case "mask":
      return effect.position;
    default:
      return null;
  }
}

function masksOf(next: Step): readonly Extract<Effect, { kind: "mask" }>[] {
  return next.effects.filter((effect) => effect.kind === "mask");
}

function submissionsOf(next: Step): readonly Extract<Effect, { kind: "submit" }>["submission"][] {
  return next.effects.flatMap((effect) => (effect.kind === "submit" ? [effect.submission] : []));
}

function countOf(next: Step, kind: Effect["kind"]): number {
  return next.effects.filter((effect) => effect.kind === kind).length;
}
