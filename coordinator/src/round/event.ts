import type { ClientId, Digest, Instant } from "@sotto/base";
import type { Cursor, Metrics } from "@sotto/protocol";
import type { Advert, Evidence, MaskedHeader, Reveal, ShareBundle } from "@sotto/secagg";

/** What a client sends, after the wire has read it. */
export type MessageEvent =
  | { readonly kind: "ready"; readonly client: ClientId }
  | { readonly kind: "advert"; readonly client: ClientId; readonly advert: Advert }
  | { readonly kind: "shares"; readonly client: ClientId; readonly bundle: ShareBundle }
  | ContributionArrived
  | { readonly kind: "attestation"; readonly client: ClientId; readonly signature: Uint8Array }
  | { readonly kind: "reveal"; readonly client: ClientId; readonly reveal: Reveal };

/** An upload proved complete: its bytes wait in the shell under the number `upload`. */
export interface ContributionArrived {
  readonly kind: "contribution-arrived";
  readonly client: ClientId;
  readonly header: MaskedHeader;
  /** SHA-256 and length of the bytes as they arrived. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly upload: number;
}

/** What the shell saw of a client's presence, or heard it say about its part. */
export type PresenceEvent =
  /** The client may take part: it was idle and there is room. */
  | { readonly kind: "invited"; readonly client: ClientId }
  /** The client asked what to do, with the last instruction it took up. */
  | { readonly kind: "polled"; readonly client: ClientId; readonly cursor: Cursor | null }
  /** It has no call open and has been silent for too long (`cohort/presence.ts`). */
  | { readonly kind: "lost"; readonly client: ClientId }
  | { readonly kind: "withdrawal"; readonly client: ClientId; readonly reason: string };

/** What comes from the coordinator itself. */
export type OwnEvent =
  /** Time passed. */
  | { readonly kind: "tick" }
  | { readonly kind: "stop"; readonly reason: string }
  /** The effect `release` succeeded: the model of this digest is durable. */
  | { readonly kind: "released"; readonly modelDigest: Digest; readonly metrics: Metrics | null; readonly weight: number }
  /** An effect failed, or the sum was refused; `evidence` is of the client that spoiled it, when one provably did. */
  | { readonly kind: "failed"; readonly reason: string; readonly evidence: Evidence | null };

/** Everything that happens to a round. */
export type Happening = MessageEvent | PresenceEvent | OwnEvent;

/** What the round machine steps on. Time arrives with it. */
export type RoundEvent = Happening & { readonly at: Instant };

/** The names of the events, for the transition table. */
export type EventKind = RoundEvent["kind"];
