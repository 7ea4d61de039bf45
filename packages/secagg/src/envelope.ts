import { concatBytes, wipeInto } from "@sotto/base";
import { open, seal, sealOverheadBytes, transcript, u32Bytes } from "@sotto/crypto";
import { secretBytes } from "./shamir.ts";
import type { SharePair, SharePlace } from "./share-leaf.ts";

/** Bytes of a sealed envelope. */
export const envelopeBytes: number = 2 * secretBytes + sealOverheadBytes;

/** Of the key that seals. */
const keyBytes = 32;

/** What an envelope is bound to: D1 and the place of its shares. Its key seals this one envelope. */
export interface EnvelopeBinding {
  /** One direction of `EnvelopeKeys`, 96 bytes. */
  readonly keys: Uint8Array;
  readonly cohortDigest: Uint8Array;
  readonly place: SharePlace;
}

/** Seals a holder's two shares: `envelope_ij` of SECAGG 2.8. */
export function sealShares(binding: EnvelopeBinding, pair: SharePair): Uint8Array {
  const plaintext = concatBytes(pair.self, pair.mask);
  const sealed = seal({ key: sealingKey(binding), associatedData: associatedData(binding), plaintext });
  wipeInto(plaintext);
  return sealed;
}

/** The two shares of an envelope, owned by the caller; null when it does not open. */
export function openShares(binding: EnvelopeBinding, envelope: Uint8Array): SharePair | null {
  const opened = open({ key: sealingKey(binding), associatedData: associatedData(binding), sealed: envelope });
  if (opened.kind === "refused") return null;
  const pair = { self: opened.value.slice(0, secretBytes), mask: opened.value.slice(secretBytes) };
  wipeInto(opened.value);
  return pair;
}

/** A holder's two shares where the dealer seals none: what both have beside the key of the envelope. Copies, owned by the caller. */
export function deriveShares({ keys }: Pick<EnvelopeBinding, "keys">): SharePair {
  return { self: keys.slice(keyBytes, keyBytes + secretBytes), mask: keys.slice(keyBytes + secretBytes) };
}

function sealingKey({ keys }: EnvelopeBinding): Uint8Array {
  return keys.subarray(0, keyBytes);
}

function associatedData({ cohortDigest, place }: EnvelopeBinding): Uint8Array {
  return transcript("env", cohortDigest, u32Bytes(place.dealer), u32Bytes(place.holder), u32Bytes(place.coordinate));
}
