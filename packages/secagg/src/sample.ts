import { type ClientId, type Digest, digestBytes, FlError, type RoundNumber, utf8 } from "@sotto/base";
import { sha256, transcript, u64Bytes } from "@sotto/crypto";

/** What decides who takes part in a round, so that a coordinator cannot pick: SECAGG 2.4. */
export interface SampleDraw {
  /** The model the round begins with: the result of the one before it. */
  readonly modelDigest: Digest;
  readonly round: RoundNumber;
  /** p: the share of the roster that is drawn, above 0 and at most 1. */
  readonly samplingRate: number;
}

/** Bits of the hash that are compared with the rate: as many as float64 holds exactly. */
const drawBits = 52;

/**
 * Whether a client is drawn: H(model digest || round || client) < p 2^256 of SECAGG 2.4, by the leading 52 bits of the hash.
 * @throws FlError `invalid-argument` when the rate is not above 0 and at most 1
 */
export function isSampled({ modelDigest, round, samplingRate }: SampleDraw, client: ClientId): boolean {
  if (!(samplingRate > 0 && samplingRate <= 1))
    throw new FlError("invalid-argument", `sampling rate ${samplingRate} must be above 0 and at most 1`);
  const hash = sha256(transcript("sample", digestBytes(modelDigest), u64Bytes(round), utf8(client)));
  const view = new DataView(hash.buffer, hash.byteOffset);
  const high = view.getUint32(0) * 2 ** (drawBits - 32);
  const low = view.getUint32(4) >>> (64 - drawBits);
  return (high + low) / 2 ** drawBits < samplingRate;
}

/** The clients that are drawn, in the order given. */
export function sampledOf(draw: SampleDraw, clients: readonly ClientId[]): readonly ClientId[] {
  return clients.filter((client) => isSampled(draw, client));
}
