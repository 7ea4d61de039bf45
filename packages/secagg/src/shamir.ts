import { FlError } from "@sotto/base";
import { divide, type Field, gf65536, multiply } from "./gf65536.ts";

/** Bytes of a secret, and of each share of it. */
export const secretBytes = 32;

/** Elements of a secret: so many polynomials are interpolated side by side. */
export const wordCount: number = secretBytes / 2;

const coordinateMax = 65_535;

/** One share with its coordinate. */
export interface PlacedShare {
  /** x, 1 to 65 535. */
  readonly coordinate: number;
  /** 32 bytes. */
  readonly share: Uint8Array;
}

/** A sharing of which all but one of the threshold's shares are given. */
export interface ShareExtension {
  /** 32 bytes; the caller keeps and wipes it. */
  readonly secret: Uint8Array;
  /** One fewer than the threshold, at distinct coordinates: as random as the secret is to stay. */
  readonly given: readonly PlacedShare[];
  /** Coordinates of the other shares, 1 to 65 535: distinct, and none of the given ones. */
  readonly wanted: readonly number[];
}

/**
 * The other shares of Shamir's sharing of 16 words over GF(2^16), big endian, whose first shares are given: those of the polynomials, of a degree below
 * the threshold, through the secret at 0 and the given shares (SECAGG 2.10). Random shares given first and the rest computed is Shamir's distribution:
 * any `given.length` of all the shares tell nothing. The caller owns and wipes the result, in the order of `wanted`.
 * @throws FlError `invalid-argument` on a secret or share that is not 32 bytes, or a coordinate out of range or repeated
 */
export function extendShares({ secret, given, wanted }: ShareExtension): readonly Uint8Array[] {
  assertLength("secret", secret);
  for (const { share } of given) assertLength("share", share);
  assertCoordinates([...given.map(({ coordinate }) => coordinate), ...wanted]);
  const values = valuesAt(wanted, [{ coordinate: 0, share: secret }, ...given]);
  const shares = wanted.map((_, position) => bytesOf(values, wordCount * position));
  values.fill(0);
  return shares;
}

/**
 * The secret that `shares` agree on, by interpolation at 0 through all of them; the caller passes exactly the threshold.
 * Fewer, or wrong shares, give some other 32 bytes: compare the secret with what its owner committed to. The caller owns and wipes it.
 * @throws FlError `invalid-argument` on no share, a share that is not 32 bytes, or a coordinate out of range or repeated
 */
export function combineShares(shares: readonly PlacedShare[]): Uint8Array {
  if (shares.length === 0) throw new FlError("invalid-argument", "0 shares rebuild nothing");
  for (const { share } of shares) assertLength("share", share);
  assertCoordinates(shares.map(({ coordinate }) => coordinate));
  const values = valuesAt([0], shares);
  const secret = bytesOf(values, 0);
  values.fill(0);
  return secret;
}

/** Points of {@link wordCount} polynomials. */
export interface Points {
  /** Distinct. */
  readonly coordinates: Uint16Array;
  /** {@link wordCount} a coordinate, those at one after those at the one before it. */
  readonly values: Uint16Array;
}

/**
 * What the polynomials of lowest degree through `points` are at the `wanted` coordinates, none of them that of a point; laid out as the values of
 * {@link Points}. The caller owns and wipes it. Lagrange's formula as Berrut and Trefethen 2004, eq. 3.3: l(x), the product of all x - x_j, times the
 * sum of f(x_j) / l'(x_j) / (x - x_j). In this field minus is plus is `^`.
 */
export function interpolate(field: Field, { coordinates, values }: Points, wanted: Uint16Array): Uint16Array {
  const derivatives = new Uint16Array(coordinates.length);
  for (let j = 0; j < derivatives.length; j++) derivatives[j] = differenceProduct(field, coordinates, coordinates[j]!);
  const weights = new Uint16Array(coordinates.length);
  const results = new Uint16Array(wordCount * wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const x = wanted[i]!;
    const product = differenceProduct(field, coordinates, x);
    for (let j = 0; j < weights.length; j++) weights[j] = divide(field, product, multiply(field, derivatives[j]!, x ^ coordinates[j]!));
    addMultiplesInto(results.subarray(wordCount * i, wordCount * (i + 1)), field, { weights, values });
  }
  return results;
}

/** The product of x - x_j over all x_j but x itself. Sums of up to 65 536 logarithms are exact in float64. */
function differenceProduct({ order, powers, logarithms }: Field, coordinates: Uint16Array, x: number): number {
  let sum = 0;
  for (let j = 0; j < coordinates.length; j++) sum += logarithms[x ^ coordinates[j]!]!;
  return powers[sum % order]!;
}

/** Adds the values, each times the weight of its coordinate; no weight is 0. */
function addMultiplesInto(sums: Uint16Array, { powers, logarithms }: Field, { weights, values }: Weighted): void {
  for (let j = 0; j < weights.length; j++) {
    const logarithm = logarithms[weights[j]!]!;
    for (let word = 0; word < wordCount; word++) {
      const value = values[wordCount * j + word]!;
      if (value !== 0) sums[word]! ^= powers[logarithms[value]! + logarithm]!;
    }
  }
}

/** Values, laid out as those of {@link Points}, with a factor a coordinate. */
interface Weighted {
  readonly weights: Uint16Array;
  readonly values: Uint16Array;
}

/** What the polynomials through `shares`, of which one may be the secret at coordinate 0, are at the `wanted` coordinates. */
function valuesAt(wanted: readonly number[], shares: readonly PlacedShare[]): Uint16Array {
  const coordinates = new Uint16Array(shares.length);
  const values = new Uint16Array(wordCount * shares.length);
  for (let position = 0; position < shares.length; position++) {
    const { coordinate, share } = shares[position]!;
    coordinates[position] = coordinate;
    readWordsInto(values, wordCount * position, share);
  }
  const results = interpolate(gf65536, { coordinates, values }, new Uint16Array(wanted));
  values.fill(0);
  return results;
}

function assertLength(name: "secret" | "share", bytes: Uint8Array): void {
  if (bytes.length !== secretBytes) throw new FlError("invalid-argument", `${name} of ${bytes.length} bytes must be ${secretBytes}`);
}

function assertCoordinates(coordinates: readonly number[]): void {
  const seen = new Set<number>();
  for (const coordinate of coordinates) {
    if (!Number.isInteger(coordinate) || coordinate < 1 || coordinate > coordinateMax || seen.has(coordinate)) {
      throw new FlError("invalid-argument", `share coordinate ${coordinate} must be from 1 to ${coordinateMax} and appear once`);
    }
    seen.add(coordinate);
  }
}

/** Big-endian words of `bytes` into `words` from index `at` on. */
function readWordsInto(words: Uint16Array, at: number, bytes: Uint8Array): void {
  for (let word = 0; word < wordCount; word++) words[at + word] = (bytes[2 * word]! << 8) | bytes[2 * word + 1]!;
}

/** One share's words, from index `at` on, as bytes. */
function bytesOf(words: Uint16Array, at: number): Uint8Array {
  const bytes = new Uint8Array(secretBytes);
  for (let word = 0; word < wordCount; word++) {
    const value = words[at + word]!;
    bytes[2 * word] = value >> 8;
    bytes[2 * word + 1] = value & 0xff;
  }
  return bytes;
}
