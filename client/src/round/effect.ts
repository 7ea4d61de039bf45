import type { Digest, Instant } from "@sotto/base";
import type { Seed } from "@sotto/crypto";
import type { Cursor, Plan, Position, Submission, UploadDeclaration } from "@sotto/protocol";
import type { MaskStreams } from "@sotto/secagg";
import type { ClientRefusal } from "../guard/refusal.ts";
import type { Phase } from "./state.ts";

/** What a client tells its owner. Holds nothing secret and nothing of the data. */
export type Notice =
  | { readonly kind: "phase"; readonly from: Phase; readonly to: Phase; readonly position: Position | null }
  /** The coordinator has nothing for this client. */
  | { readonly kind: "idle" }
  | { readonly kind: "stood-down"; readonly position: Position; readonly reason: string }
  /** A session of fewer than ten: all others together can subtract themselves from the sum (SECAGG, decision 9). */
  | { readonly kind: "few-peers"; readonly position: Position; readonly cohortSize: number }
  /** All that the round asked of this client is sent. */
  | { readonly kind: "done"; readonly position: Position }
  /** This client refuses and leaves the round. */
  | { readonly kind: "refused"; readonly position: Position; readonly refusal: ClientRefusal }
  /** The coordinator refused this client's message, or never answered it. */
  | { readonly kind: "turned-away"; readonly position: Position; readonly code: string; readonly message: string };

/** What the shell is to do. All work of a round belongs to it and ends with `drop`. */
export type Effect =
  /** Ask for the next instruction, not before the given time. */
  | { readonly kind: "poll"; readonly cursor: Cursor | null; readonly notBefore: Instant }
  | { readonly kind: "fetch-roster"; readonly position: Position; readonly digest: Digest }
  /** Fetch the model, check its digest, compute by the plan, and hold the result. */
  | {
      readonly kind: "compute";
      readonly position: Position;
      readonly plan: Plan;
      readonly modelDigest: Digest;
      readonly modelSizeBytes: number;
    }
  /** Say `deadline` at the given time. */
  | { readonly kind: "wake"; readonly position: Position; readonly at: Instant }
  | { readonly kind: "submit"; readonly submission: Submission }
  /** Give up the held update: clip, encode, mask, hold the packed bytes. The shell owns and wipes `masks` and `seed`. */
  | {
      readonly kind: "mask";
      readonly position: Position;
      readonly plan: Plan;
      readonly cohortSize: number;
      readonly masks: MaskStreams;
      readonly seed: Seed;
    }
  /** Send the held packed bytes; again means the same bytes. */
  | { readonly kind: "upload"; readonly declaration: UploadDeclaration }
  /** `round`: end all work of the round and forget what is held. `contribution`: forget the packed bytes alone. */
  | { readonly kind: "drop"; readonly what: "round" | "contribution" }
  | { readonly kind: "notice"; readonly notice: Notice };
