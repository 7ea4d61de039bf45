import type { ClientId, Digest, TaskId } from "@sotto/base";
import type { Cursor, Position } from "@sotto/protocol";
import type { MessageEvent, OwnEvent, PresenceEvent } from "./round/event.ts";
import type { TaskSetup } from "./task/state.ts";

/** A client's word about a round: what the wire read, before its position is checked. */
export type ClientWord = MessageEvent | Extract<PresenceEvent, { kind: "withdrawal" }>;

/** What the coordinator is asked to do next to its state. */
export type Command =
  /** A long poll began. */
  | { readonly kind: "poll-began"; readonly client: ClientId; readonly cursor: Cursor | null }
  /** Another call of the client began. */
  | { readonly kind: "call-began"; readonly client: ClientId }
  /** A call of the client ended; `cut` when its connection went before the answer. */
  | { readonly kind: "call-ended"; readonly client: ClientId; readonly cut: boolean }
  | { readonly kind: "word"; readonly position: Position; readonly word: ClientWord }
  | { readonly kind: "submit-task"; readonly setup: TaskSetup; readonly modelDigest: Digest }
  | { readonly kind: "stop-task"; readonly task: TaskId }
  /** An effect of a round came to its end. */
  | {
      readonly kind: "performed";
      readonly position: Position;
      readonly event: Extract<OwnEvent, { kind: "released" | "failed" }>;
    }
  /** The alarm rang. */
  | { readonly kind: "alarm" };
