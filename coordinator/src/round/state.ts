import type { ClientId, Digest, Instant } from "@sotto/base";
import type { CohortRules, Metrics, Position, TrainInstruction } from "@sotto/protocol";
import type {
  AttestingServer,
  CollectingServer,
  EnrolledKeys,
  Evidence,
  KeyingServer,
  SessionContext,
  SharingServer,
  Tolerance,
  UnmaskingServer,
} from "@sotto/secagg";
import type { Sample } from "../cohort/sample.ts";

/** The phases of a round, in their order. */
export const phases = ["selecting", "keying", "sharing", "collecting", "attesting", "unmasking", "releasing", "ended"] as const;

/** Where a round stands. */
export type Phase = (typeof phases)[number];

/** What is fixed when a round begins. */
export interface RoundSetup {
  readonly position: Position;
  readonly purpose: "train" | "evaluate";
  readonly context: SessionContext;
  /** What every asked client is told to compute. */
  readonly train: TrainInstruction;
  readonly rules: CohortRules;
  /** Fewest clients of a cohort: the largest of the rules' `count.min`, the plan's `cohortSizeMin`, and what the sample asks for. */
  readonly clientsMin: number;
  /** The only clients that may be asked; anybody when null. */
  readonly sample: Sample | null;
  readonly tolerance: Tolerance;
  readonly enrolled: EnrolledKeys;
  /** What fixes the size of a packed contribution, once the cohort is known. */
  readonly contribution: { readonly laneCount: number; readonly quantisationBits: number };
}

/** Why a client is out of a round for good, and in which phase it fell out. */
export interface Drop {
  readonly phase: Phase;
  readonly reason: string;
}

/** One client that was asked to take part. */
export interface AskedClient {
  /** False while its connection is gone: it is then not waited for, and may come back. */
  readonly present: boolean;
  /** The last phase in which its message counted; null before it was `ready`. */
  readonly answered: Phase | null;
  readonly drop: Drop | null;
  /** What evidence it left in this round convicts it of. */
  readonly convictions: readonly Evidence["kind"][];
  /** Payload bytes accepted from it. */
  readonly sentBytes: number;
}

/** The three instants of a waiting phase; absolute, so that a timer can be armed again from the state alone. */
export interface PhaseWindow {
  readonly opensAt: Instant;
  /** From here on it closes as soon as everyone still there has answered. */
  readonly earliestAt: Instant;
  /** Here it closes in any case. */
  readonly deadlineAt: Instant;
}

/** What every phase knows. */
export interface RoundCommon {
  readonly setup: RoundSetup;
  readonly startedAt: Instant;
  readonly asked: ReadonlyMap<ClientId, AskedClient>;
}

/** Asked clients train and report `ready`. */
export interface SelectingState extends RoundCommon {
  readonly phase: "selecting";
  readonly window: PhaseWindow;
  /** When the last `ready` was counted; the start before any. */
  readonly lastReadyAt: Instant;
}

/** A phase of the aggregation protocol: its session, and when the last client had finished training. */
interface ProtocolState extends RoundCommon {
  readonly window: PhaseWindow;
  readonly lastReadyAt: Instant;
}

/** Ready clients send their session keys. */
export interface KeyingState extends ProtocolState {
  readonly phase: "keying";
  readonly session: KeyingServer;
}

/** The cohort is fixed; its clients deal shares of their secrets. */
export interface SharingState extends ProtocolState {
  readonly phase: "sharing";
  readonly session: SharingServer;
}

/** The dealers upload masked contributions; each is added on arrival. */
export interface CollectingState extends ProtocolState {
  readonly phase: "collecting";
  readonly session: CollectingServer;
  readonly size: ContributionSize;
}

/** The survivors are fixed; they sign who they are. */
export interface AttestingState extends ProtocolState {
  readonly phase: "attesting";
  readonly session: AttestingServer;
  readonly size: ContributionSize;
  readonly survivors: readonly ClientId[];
}

/** Signers reveal the shares that open the sum. */
export interface UnmaskingState extends ProtocolState {
  readonly phase: "unmasking";
  readonly session: UnmaskingServer;
  readonly size: ContributionSize;
  readonly survivors: readonly ClientId[];
}

/** The sum is being opened and released by the shell; nobody is waited for. */
export interface ReleasingState extends RoundCommon {
  readonly phase: "releasing";
  readonly lastReadyAt: Instant;
  readonly survivors: readonly ClientId[];
}

/** The round is over. */
export interface EndedState extends RoundCommon {
  readonly phase: "ended";
  readonly endedAt: Instant;
  readonly result: RoundResult;
}

/** Lane width and bytes of a packed contribution in a cohort of known size. */
export interface ContributionSize {
  readonly bits: number;
  readonly sizeBytes: number;
}

/** What came of a round. */
export type RoundResult =
  | {
      readonly kind: "committed";
      readonly lastReadyAt: Instant;
      readonly survivors: readonly ClientId[];
      readonly modelDigest: Digest;
      readonly metrics: Metrics | null;
      readonly weight: number;
    }
  | { readonly kind: "abandoned"; readonly reason: string; readonly missing: readonly ClientId[] };

/** A round in any of its phases. It counts clients and never holds a vector. */
export type RoundState =
  | SelectingState
  | KeyingState
  | SharingState
  | CollectingState
  | AttestingState
  | UnmaskingState
  | ReleasingState
  | EndedState;

/** The phases in which clients are waited for. */
export type WaitingState = Exclude<RoundState, ReleasingState | EndedState>;
