import { FlError, type Rng, wipeInto } from "@sotto/base";
import { divide, multiply } from "./gf65536.ts";

/** Bytes of a secret, and of each share of it. */
export const secretBytes = 32;

const wordCount = secretBytes / 2;
const coordinateMax = 65_535;

/** A secret to split. */
export interface SecretSplit {
  /** 32 bytes; the caller keeps and wipes it. */
  readonly secret: Uint8Array;
  /** Shares that rebuild the secret; one fewer tell nothing. At least 1. */
  readonly threshold: number;
  /** At least the threshold, at most 65 535. */
  readonly shareCount: number;
  /** Where the other coefficients come from: as secret as the secret. */
  readonly rng: Rng;
}

/** One share with its coordinate. */
export interface PlacedShare {
  /** x, 1 to 65 535. */
  readonly coordinate: number;
  /** 32 bytes. */
  readonly share: Uint8Array;
}

/**
 * Shamir's sharing of 16 words over GF(2^16), big endian: SECAGG 2.10. The share at position p has coordinate p + 1. The caller owns and wipes them.
 * @throws FlError `invalid-argument` outside the ranges of {@link SecretSplit}
 */
export function splitSecret({ secret, threshold, shareCount, rng }: SecretSplit): readonly Uint8Array[] {
  if (secret.length !== secretBytes) throw new FlError("invalid-argument", `secret of ${secret.length} bytes must be ${secretBytes}`);
  if (threshold < 1 || threshold > shareCount || shareCount > coordinateMax) {
    throw new FlError(
      "invalid-argument",
      `threshold ${threshold} must be from 1 to the share count, ${shareCount}, and that at most ${coordinateMax}`,
    );
  }
  const random = rng.bytes(secretBytes * (threshold - 1));
  const coefficients = [
    secret,
    ...Array.from({ length: threshold - 1 }, (_, i) => random.subarray(secretBytes * i, secretBytes * (i + 1))),
  ];
  const polynomials = coefficients.map(wordsOf);
  const shares = Array.from({ length: shareCount }, (_, position) => evaluate(polynomials, position + 1));
  wipeInto(random);
  for (const words of polynomials) words.fill(0);
  return shares;
}

/**
 * The secret that `shares` agree on, by Lagrange interpolation at 0 through all of them; the caller passes exactly the threshold.
 * Fewer, or wrong shares, give some other 32 bytes: compare the secret with what its owner committed to.
 * @throws FlError `invalid-argument` on no share, a share that is not 32 bytes, or a coordinate out of range or repeated
 */
export function combineShares(shares: readonly PlacedShare[]): Uint8Array {
  assertShares(shares);
  const secret = new Uint16Array(wordCount);
  for (const { coordinate, share } of shares) {
    const weight = lagrangeAtZero(shares, coordinate);
    const words = wordsOf(share);
    for (let word = 0; word < wordCount; word++) secret[word]! ^= multiply(weight, words[word]!);
    words.fill(0);
  }
  const bytes = bytesOf(secret);
  secret.fill(0);
  return bytes;
}

function assertShares(shares: readonly PlacedShare[]): void {
  if (shares.length === 0) throw new FlError("invalid-argument", "0 shares rebuild nothing");
  const seen = new Set<number>();
  for (const { coordinate, share } of shares) {
    if (share.length !== secretBytes) throw new FlError("invalid-argument", `share of ${share.length} bytes must be ${secretBytes}`);
    if (!Number.isInteger(coordinate) || coordinate < 1 || coordinate > coordinateMax || seen.has(coordinate)) {
      throw new FlError("invalid-argument", `share coordinate ${coordinate} must be from 1 to ${coordinateMax} and appear once`);
    }
    seen.add(coordinate);
  }
}

/** prod over m ≠ j of x_m / (x_m - x_j); in this field minus is plus is `^`. */
function lagrangeAtZero(shares: readonly PlacedShare[], coordinate: number): number {
  let weight = 1;
  for (const other of shares) {
    if (other.coordinate !== coordinate) weight = multiply(weight, divide(other.coordinate, other.coordinate ^ coordinate));
  }
  return weight;
}

/** All 16 polynomials at `coordinate`, by Horner's rule from the highest coefficient down. */
function evaluate(polynomials: readonly Uint16Array[], coordinate: number): Uint8Array {
  const values = new Uint16Array(wordCount);
  for (let degree = polynomials.length - 1; degree >= 0; degree--) {
    const coefficients = polynomials[degree]!;
    for (let word = 0; word < wordCount; word++) values[word] = multiply(values[word]!, coordinate) ^ coefficients[word]!;
  }
  return bytesOf(values);
}

function wordsOf(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint16Array.from({ length: wordCount }, (_, word) => view.getUint16(2 * word));
}

function bytesOf(words: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint16(2 * i, word);
  return bytes;
}
