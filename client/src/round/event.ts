import type { Digest, FlErrorCode, Instant } from "@sotto/base";
import type { Seed } from "@sotto/crypto";
import type { Answer, Instruction, Position, Submission } from "@sotto/protocol";

interface Timed {
  /** When it happened; the machine knows no other clock. */
  readonly at: Instant;
}

/** An instruction as `next` answered it. The seed is fresh and the step's own: it is among what the step consumed. */
export type InstructionEvent = Instruction & Timed & { readonly seed: Seed };

/** What was sent that an answer is about. */
export type Sent = Submission["kind"] | "upload";

/** What the shell was at when it failed. */
export type Errand = "roster" | "compute" | "mask";

/** What an effect came to. Positions tell a late one from the current. */
export type ResultEvent = Timed &
  (
    | { readonly kind: "roster"; readonly position: Position; readonly bytes: Uint8Array }
    | { readonly kind: "computed"; readonly position: Position }
    | { readonly kind: "masked"; readonly position: Position; readonly contributionDigest: Digest; readonly sizeBytes: number }
    | { readonly kind: "failed"; readonly position: Position; readonly during: Errand; readonly code: FlErrorCode }
    | {
        readonly kind: "answered";
        readonly position: Position;
        readonly about: Sent;
        readonly answer: Exclude<Answer, { kind: "not-now" }>;
      }
    /** Sent as often as is bearable and not answered. */
    | { readonly kind: "undelivered"; readonly position: Position; readonly about: Sent }
    /** The longest time of a round is over. */
    | { readonly kind: "deadline"; readonly position: Position }
    /** The process is being stopped. */
    | { readonly kind: "stopped" }
  );

/** Everything that can happen to a client. */
export type Event = InstructionEvent | ResultEvent;

/** The name of an event. */
export type EventKind = Event["kind"];

/** The event of one kind. */
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;

/** An instruction of the aggregation protocol, in the order of a session. */
export type SessionEvent = EventOf<"advertise" | "share-keys" | "mask" | "attest" | "reveal">;

/** What a phase may take up itself. */
export type PhaseEvent = SessionEvent | EventOf<"roster" | "computed" | "masked">;

/** What means the same in every phase. */
export type CommonEvent = Exclude<Event, PhaseEvent>;

const instructions: Readonly<Record<EventKind, boolean>> = {
  unchanged: true,
  idle: true,
  "stand-down": true,
  train: true,
  advertise: true,
  "share-keys": true,
  mask: true,
  attest: true,
  reveal: true,
  roster: false,
  computed: false,
  masked: false,
  failed: false,
  answered: false,
  undelivered: false,
  deadline: false,
  stopped: false,
};

/** Whether an event is the answer of a long poll: after it, and only then, the next one is due. */
export function isInstruction(event: Event): event is InstructionEvent {
  return instructions[event.kind];
}
