import { assertNever } from "@sotto/base";
import type { MaskedHeader, Reveal, ShareBundle } from "@sotto/secagg";
import type { MessageEvent } from "./event.ts";

const indexBytes = 4;
const digestBytes = 32;

/** Bytes of what a message says: keys, shares, signatures and the contribution, 4 for an index. Without the wire's framing. */
export function payloadBytes(event: MessageEvent): number {
  switch (event.kind) {
    case "ready":
      return 0;
    case "advert":
      return sizeOf([event.advert.maskKey, event.advert.envelopeKey, event.advert.signature]);
    case "shares":
      return bundleBytes(event.bundle);
    case "contribution-arrived":
      return event.sizeBytes + headerBytes(event.header);
    case "attestation":
      return event.signature.length;
    case "reveal":
      return revealBytes(event.reveal);
    default:
      return assertNever(event);
  }
}

function bundleBytes(bundle: ShareBundle): number {
  const { holders, selfSeedDigest, leaves, envelopes, signature } = bundle;
  return indexBytes * holders.length + sizeOf([selfSeedDigest, signature, ...leaves, ...envelopes]);
}

function headerBytes(header: MaskedHeader): number {
  return digestBytes + indexBytes * header.complaints.length + sizeOf([header.heldRoot, header.signature]);
}

function revealBytes({ shares, signature }: Reveal): number {
  return sizeOf([signature, ...shares.map((revealed) => revealed.share)]) + indexBytes * shares.length;
}

function sizeOf(fields: readonly Uint8Array[]): number {
  return fields.reduce((total, field) => total + field.length, 0);
}
