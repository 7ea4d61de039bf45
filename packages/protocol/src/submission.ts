import type { Advert, Reveal, ShareBundle } from "@sotto/secagg";
import type { Position } from "./position.ts";

/** What a client sends by `submit`. Contributions go by `upload`. */
export type Submission =
  | { readonly kind: "ready"; readonly position: Position }
  | { readonly kind: "advert"; readonly position: Position; readonly advert: Advert }
  | { readonly kind: "shares"; readonly position: Position; readonly bundle: ShareBundle }
  | { readonly kind: "attestation"; readonly position: Position; readonly signature: Uint8Array }
  | { readonly kind: "reveal"; readonly position: Position; readonly reveal: Reveal }
  /** The client leaves this round and says why; the coordinator need not wait for it. */
  | { readonly kind: "withdrawal"; readonly position: Position; readonly reason: string };
