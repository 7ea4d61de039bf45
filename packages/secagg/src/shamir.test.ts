import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { equalBytes, FlError, fromHex, toHex } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createField, divide, type Field, gf65536, multiply as product } from "./gf65536.ts";
import { combineShares, extendShares, interpolate, type PlacedShare, type ShareExtension, secretBytes, wordCount } from "./shamir.ts";

const vectors = new URL("../vectors/", import.meta.url);
const bytes32 = fc.uint8Array({ minLength: secretBytes, maxLength: secretBytes });

/** A threshold, a share count no smaller, and at least `least` of the positions, shuffled. */
const sharing = (least: (threshold: number) => number): fc.Arbitrary<Sharing> =>
  fc
    .integer({ min: 1, max: 20 })
    .chain((threshold) => fc.record({ threshold: fc.constant(threshold), shareCount: fc.integer({ min: threshold, max: 40 }) }))
    .chain(({ threshold, shareCount }) =>
      fc.record({
        threshold: fc.constant(threshold),
        shareCount: fc.constant(shareCount),
        order: fc.shuffledSubarray(range(0, shareCount), { minLength: least(threshold) }),
      }),
    );

interface Sharing {
  readonly threshold: number;
  readonly shareCount: number;
  readonly order: readonly number[];
}

const gf256 = createField({ bits: 8, reduction: 0x11b, generator: 3 });

/** draft-mcgrew-tss-03, section 9: the shares without their index. */
const draft = { secret: "7465737400", threshold: 2, shares: ["b9fa07e185", "f5409b4511"] };

/**
 * The cases without a checksum of Botan's src/tests/data/tss/generation.vec, which another implementation of that draft made from random coefficients;
 * the shares are those with the indices 1, 2, ….
 */
const generated = [
  {
    secret: "010203040506070809",
    threshold: 3,
    shares: ["6fe0a87c6f52c19bb3", "0ca485014470d4ef40", "62462e792e24127cfa", "72aa15f7e5bfb19803", "1c48be8f8feb770bb9"],
  },
  {
    secret: "010203040506070809",
    threshold: 5,
    shares: [
      "d09cb6c7301ea5a046",
      "6b481af23258ab3915",
      "3534a8e4544151d702",
      "faf1590591a71981da",
      "2415fe0e55b970a65e",
      "84ea780108f143b630",
    ],
  },
];

test.each([draft, ...generated])(
  "over the field of AES, published shares with a threshold of $threshold are had from one share fewer and the secret, and rebuild it",
  (published) => {
    const secret = column(published.secret);
    const shares = published.shares.map(column);
    const at = (coordinates: readonly number[]): Uint16Array[] => coordinates.map((coordinate) => shares[coordinate - 1]!);
    for (const given of subsets(shares.length, published.threshold - 1)) {
      const wanted = range(1, shares.length + 1).filter((coordinate) => !given.includes(coordinate));
      expect(columnsAt(gf256, { coordinates: [0, ...given], columns: [secret, ...at(given)] }, wanted)).toEqual(at(wanted));
    }
    for (const coordinates of subsets(shares.length, published.threshold)) {
      expect(columnsAt(gf256, { coordinates, columns: at(coordinates) }, [0])).toEqual([secret]);
    }
  },
);

test("over the field of 256 elements, a given share that is uniform makes every other share uniform, whatever the secret", () => {
  // 16 secrets at a time, with every value of the given share, at coordinate 1: each other coordinate, secret and value must come up once.
  const others = Uint16Array.from(range(2, 256));
  const once = new Uint8Array(others.length * wordCount * 256).fill(1);
  const values = new Uint16Array(2 * wordCount);
  for (let first = 0; first < 256; first += wordCount) {
    const seen = new Uint8Array(once.length);
    values.set(range(first, first + wordCount));
    for (let given = 0; given < 256; given++) {
      const shares = interpolate(gf256, { coordinates: Uint16Array.of(0, 1), values: values.fill(given, wordCount) }, others);
      for (let i = 0; i < shares.length; i++) seen[256 * i + shares[i]!]!++;
    }
    expect(equalBytes(seen, once)).toBe(true);
  }
});

test("over the field of 256 elements, any two shares rebuild what a threshold of 2 shares out", () => {
  const secret = Uint16Array.from(range(0, wordCount), (word) => (word * 31 + 7) % 256);
  const given = Uint16Array.from(range(0, wordCount), (word) => (word * 91 + 200) % 256);
  const shares = [given, ...columnsAt(gf256, { coordinates: [0, 1], columns: [secret, given] }, range(2, 256))];
  const values = new Uint16Array(2 * wordCount);
  for (let a = 1; a <= 255; a++) {
    values.set(shares[a - 1]!);
    for (let b = 1; b < a; b++) {
      values.set(shares[b - 1]!, wordCount);
      const rebuilt = interpolate(gf256, { coordinates: Uint16Array.of(a, b), values }, Uint16Array.of(0));
      if (rebuilt.some((value, word) => value !== secret[word])) throw new Error(`shares ${a} and ${b} rebuild another secret`);
    }
  }
});

test("elements, shares and secrets equal those of an independent model in Python", () => {
  const model = readModel();
  for (const { a, b, product: expected } of model.products) expect(product(gf65536, a, b)).toBe(expected);
  for (const { element, inverse: expected } of model.inverses) expect(divide(gf65536, 1, element)).toBe(expected);
  for (const { threshold, secret, shares } of model.sharings) {
    const placed = shares.map(({ coordinate, share }): PlacedShare => ({ coordinate, share: fromHex(share) }));
    const wanted = placed.slice(threshold - 1);
    const extension = {
      secret: fromHex(secret),
      given: placed.slice(0, threshold - 1),
      wanted: wanted.map(({ coordinate }) => coordinate),
    };
    expect(extendShares(extension)).toEqual(wanted.map(({ share }) => share));
    expect(toHex(combineShares(placed.slice(0, threshold)))).toBe(secret);
    expect(toHex(combineShares(placed.slice(-threshold)))).toBe(secret);
  }
});

test("the model in Python still says what was committed", ({ skip }) => {
  const run = spawnSync("python3", [fileURLToPath(new URL("shamir_gf65536.py", vectors))], { encoding: "utf8" });
  skip(run.error !== undefined, `python3 cannot be started here: ${run.error?.message}`);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual(readModel());
});

test("any threshold of the dealt shares, in any order, rebuild the secret", () => {
  const anyThreshold = sharing((threshold) => threshold);
  fc.assert(
    fc.property(bytes32, bytes32, anyThreshold, (secret, seed, { threshold, shareCount, order }) => {
      const shares = deal({ secret, given: randomShares(seed, threshold - 1), shareCount });
      expect(combineShares(order.slice(0, threshold).map((i) => shares[i]!))).toEqual(secret);
      expect(combineShares(order.map((i) => shares[i]!))).toEqual(secret);
    }),
  );
});

test("one dealt share fewer than the threshold is as likely with every other secret", () => {
  const oneFewer = sharing((threshold) => threshold - 1);
  fc.assert(
    fc.property(bytes32, bytes32, bytes32, oneFewer, (secret, other, seed, { threshold, shareCount, order }) => {
      const coalition = order.slice(0, threshold - 1);
      const shares = deal({ secret, given: randomShares(seed, threshold - 1), shareCount });
      const known = coalition.map((i) => shares[i]!);
      // Given shares exist, as many for each secret, with which the other secret deals the same to all of them.
      const hidden = range(0, threshold - 1).filter((i) => !coalition.includes(i));
      const moved = extend({ secret: other, given: known, wanted: hidden.map((i) => i + 1) });
      const given = [...known, ...moved].filter(({ coordinate }) => coordinate < threshold).sort((a, b) => a.coordinate - b.coordinate);
      const dealt = deal({ secret: other, given, shareCount });
      expect(coalition.map((i) => dealt[i]!)).toEqual(known);
    }),
  );
});

test("over the field of 65 536 elements, a given share that is uniform makes another share uniform, whatever the secret", () => {
  for (const secret of [0, 1, 0xbeef]) {
    const seen = new Uint8Array(65_536);
    const values = new Uint16Array(2 * wordCount).fill(secret);
    for (let first = 0; first < 65_536; first += wordCount) {
      for (let word = 0; word < wordCount; word++) values[wordCount + word] = first + word;
      for (const share of interpolate(gf65536, { coordinates: Uint16Array.of(0, 1), values }, Uint16Array.of(7))) seen[share]!++;
    }
    expect(equalBytes(seen, new Uint8Array(65_536).fill(1))).toBe(true);
  }
});

test("a threshold of 1 gives everyone the secret itself", () => {
  const secret = new Uint8Array(32).fill(5);
  expect(extendShares({ secret, given: [], wanted: [1, 65_535] })).toEqual([secret, secret]);
});

test("extending and combining change nothing they are given, and give memory of their own", () => {
  const secret = new Uint8Array(32).fill(5);
  const given = [{ coordinate: 1, share: new Uint8Array(32).fill(9) }];
  const [share] = extendShares({ secret, given, wanted: [2] });
  const rebuilt = combineShares([...given, { coordinate: 2, share: share! }]);
  expect(rebuilt).toEqual(secret);
  share!.fill(0);
  rebuilt.fill(0);
  expect(secret).toEqual(new Uint8Array(32).fill(5));
  expect(given).toEqual([{ coordinate: 1, share: new Uint8Array(32).fill(9) }]);
});

test("a secret or a share of another length, and a coordinate that is repeated or out of range, are errors", () => {
  const secret = new Uint8Array(32);
  const [short, long] = [new Uint8Array(31), new Uint8Array(33)];
  const first = { coordinate: 1, share: secret };
  const refused = (attempt: () => unknown): void => expect(attempt).toThrow(FlError);
  refused(() => combineShares([]));
  refused(() => combineShares([first, first]));
  refused(() => extendShares({ secret, given: [first, first], wanted: [2] }));
  refused(() => extendShares({ secret, given: [first], wanted: [1] }));
  refused(() => extendShares({ secret, given: [first], wanted: [2, 2] }));
  for (const bytes of [short, long]) {
    refused(() => combineShares([{ coordinate: 1, share: bytes }]));
    refused(() => extendShares({ secret: bytes, given: [first], wanted: [2] }));
    refused(() => extendShares({ secret, given: [{ coordinate: 1, share: bytes }], wanted: [2] }));
  }
  for (const coordinate of [-1, 0, 1.5, 65_536]) {
    refused(() => combineShares([{ coordinate, share: secret }]));
    refused(() => extendShares({ secret, given: [{ coordinate, share: secret }], wanted: [2] }));
    refused(() => extendShares({ secret, given: [first], wanted: [coordinate] }));
  }
});

interface Deal {
  readonly secret: Uint8Array;
  /** At the coordinates from 1 on. */
  readonly given: readonly PlacedShare[];
  readonly shareCount: number;
}

/** All shares, the given ones first. */
function deal({ secret, given, shareCount }: Deal): PlacedShare[] {
  return [...given, ...extend({ secret, given, wanted: range(given.length + 1, shareCount + 1) })];
}

function extend(extension: ShareExtension): PlacedShare[] {
  return extendShares(extension).map((share, i) => ({ coordinate: extension.wanted[i]!, share }));
}

/** Shares at the coordinates 1 to `count`. */
function randomShares(seed: Uint8Array, count: number): PlacedShare[] {
  const rng = seededRng(seed);
  return range(1, count + 1).map((coordinate) => ({ coordinate, share: rng.bytes(secretBytes) }));
}

/** What the model in Python computed. */
interface Model {
  readonly products: readonly { readonly a: number; readonly b: number; readonly product: number }[];
  readonly inverses: readonly { readonly element: number; readonly inverse: number }[];
  readonly sharings: readonly {
    readonly threshold: number;
    readonly secret: string;
    readonly shares: readonly { readonly coordinate: number; readonly share: string }[];
  }[];
}

function readModel(): Model {
  return JSON.parse(readFileSync(new URL("shamir-gf65536.json", vectors), "utf8")) as Model;
}

/** Bytes as elements of 256, with zeros for the words there are no bytes for. */
function column(hex: string): Uint16Array {
  const words = new Uint16Array(wordCount);
  words.set(fromHex(hex));
  return words;
}

interface Columns {
  readonly coordinates: readonly number[];
  readonly columns: readonly Uint16Array[];
}

/** The columns at the `wanted` coordinates, interpolated through these. */
function columnsAt(field: Field, { coordinates, columns }: Columns, wanted: readonly number[]): Uint16Array[] {
  const values = Uint16Array.from(columns.flatMap((words) => [...words]));
  const results = interpolate(field, { coordinates: Uint16Array.from(coordinates), values }, Uint16Array.from(wanted));
  return wanted.map((_, i) => results.slice(wordCount * i, wordCount * (i + 1)));
}

/** The integers from `start` to before `end`. */
function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/** Every choice of `size` of the coordinates 1 to `count`. */
function subsets(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((last) => subsets(last - 1, size - 1).map((rest) => [...rest, last]));
}
