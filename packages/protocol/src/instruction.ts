import type { Digest } from "@sotto/base";
import type { Advert, AttestRequest, MaskRequest, RevealRequest, SessionContext } from "@sotto/secagg";
import type { Position } from "./position.ts";

/** The answer to `next`: what this client is to do now. Level-triggered: asking again gives the same until the round moves. */
export type Instruction =
  /** Nothing new since the cursor: poll again. */
  | { readonly kind: "unchanged" }
  /** The client has no part (any more) in this round: drop what it holds of it and poll again after `retryAfterMs`. */
  | { readonly kind: "stand-down"; readonly position: Position; readonly reason: string; readonly retryAfterMs: number }
  /** Nothing is running that wants this client. */
  | { readonly kind: "idle"; readonly retryAfterMs: number }
  | TrainInstruction
  | { readonly kind: "advertise"; readonly position: Position; readonly context: SessionContext }
  | { readonly kind: "share-keys"; readonly position: Position; readonly adverts: readonly Advert[] }
  | { readonly kind: "mask"; readonly position: Position; readonly request: MaskRequest }
  | { readonly kind: "attest"; readonly position: Position; readonly request: AttestRequest }
  | { readonly kind: "reveal"; readonly position: Position; readonly request: RevealRequest };

/** Compute a contribution: fetch the model, train or evaluate by the plan, then report `ready`. */
export interface TrainInstruction {
  readonly kind: "train";
  readonly position: Position;
  /** Canonical JSON of the plan; its SHA-256 is the plan digest. `parsePlan` reads it. */
  readonly plan: Uint8Array;
  readonly modelDigest: Digest;
  /** Bytes of the model blob: 4 a parameter. */
  readonly modelSizeBytes: number;
  readonly rosterDigest: Digest;
}
