import { FlError } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLog2, exposureLog2, shortfallLog2 } from "./conditions.ts";
import { findGraphParameters } from "./find-parameters.ts";
import { atLeastLog2, belowLog2, binomialLog2 } from "./hypergeometric.ts";

/** SECAGG 2.6: n, gamma, and for delta .05, .1, .2 and .3 "holders / threshold / masks per client". */
const table: readonly (readonly [number, number, readonly string[]])[] = [
  [300, 0.05, ["25 / 14 / 48", "32 / 15 / 61", "43 / 16 / 80", "55 / 16 / 100"]],
  [300, 0.1, ["32 / 20 / 61", "41 / 22 / 76", "56 / 25 / 102", "73 / 27 / 128"]],
  [300, 0.2, ["46 / 32 / 85", "58 / 36 / 105", "80 / 42 / 139", "108 / 49 / 177"]],
  [1000, 0.05, ["34 / 19 / 67", "43 / 21 / 84", "61 / 25 / 118", "84 / 29 / 161"]],
  [1000, 0.1, ["41 / 25 / 80", "53 / 29 / 103", "78 / 36 / 150", "107 / 42 / 203"]],
  [1000, 0.2, ["57 / 39 / 111", "77 / 48 / 148", "114 / 60 / 215", "163 / 75 / 299"]],
  [10_000, 0.05, ["54 / 34 / 108", "73 / 42 / 145", "109 / 53 / 217", "148 / 61 / 294"]],
  [10_000, 0.1, ["66 / 44 / 132", "87 / 53 / 173", "130 / 67 / 258", "180 / 79 / 357"]],
  [10_000, 0.2, ["88 / 63 / 175", "118 / 77 / 235", "180 / 101 / 357", "261 / 127 / 515"]],
];
const entries = table.flatMap(([cohortSize, gamma, row]) =>
  [0.05, 0.1, 0.2, 0.3].map((delta, column) => ({
    counts: { cohortSize, corruptMax: Math.round(gamma * cohortSize), dropoutMax: Math.round(delta * cohortSize) },
    entry: row[column]!,
  })),
);

test.each(entries)("$counts have $entry holders, threshold and masks per client", ({ counts, entry }) => {
  const found = findGraphParameters(counts)!;
  const { holderCount, threshold } = found;
  const masks = Math.round(2 * holderCount - holderCount ** 2 / (counts.cohortSize - 1));
  expect(`${holderCount} / ${threshold} / ${masks}`).toBe(entry);
});

test("no number in the table hangs on rounding: what decides it is more than a million times the error from its limit", () => {
  for (const { counts } of entries) {
    const { holderCount, threshold, corruptHoldersMax, componentMin } = findGraphParameters(counts)!;
    for (const graph of [holderCount - 1, holderCount].map((holders) => ({ ...counts, holderCount: holders }))) {
      const exposures = [corruptHoldersMax, corruptHoldersMax + 1].map((count) => exposureLog2(graph, count) + 41);
      const shortfalls = [threshold, threshold + 1].map((count) => shortfallLog2(graph, count) + 30);
      for (const margin of [...exposures, ...shortfalls, cutLog2(graph, componentMin) + 41]) expect(Math.abs(margin)).toBeGreaterThan(1e-6);
    }
  }
});

/** The published ring: n, gamma, delta, whether the server may cheat, neighbours, threshold. */
type RingCase = readonly [number, number, number, boolean, number, number];

/** fcp/secagg/server/graph_parameter_finder_test.cc of google-parfait/federated-compute: all feasible cases up to 10 000 clients but those at rates 0, 0. */
const publishedRings: readonly RingCase[] = [
  [100, 0.45, 0.45, false, 92, 46],
  [1000, 0.45, 0.45, false, 822, 417],
  [10_000, 0.45, 0.45, false, 3494, 1771],
  [10, 0.33, 0.33, false, 8, 4],
  [100, 0.33, 0.33, false, 68, 34],
  [1000, 0.33, 0.33, false, 286, 150],
  [10_000, 0.33, 0.33, false, 422, 221],
  [100, 0.3, 0.3, true, 92, 62],
  [1000, 0.3, 0.3, true, 872, 584],
  [10_000, 0.3, 0.3, true, 4822, 3230],
  [10, 0.05, 0.33, false, 4, 2],
  [100, 0.05, 0.33, false, 28, 6],
  [1000, 0.05, 0.33, false, 72, 24],
  [10_000, 0.05, 0.33, false, 86, 29],
  [10, 0.05, 0.33, true, 8, 5],
  [100, 0.05, 0.33, true, 72, 39],
  [1000, 0.05, 0.33, true, 398, 223],
  [10_000, 0.05, 0.33, true, 746, 420],
  [10, 0.33, 0.05, false, 4, 4],
  [100, 0.33, 0.05, false, 34, 29],
  [1000, 0.33, 0.05, false, 78, 60],
  [10_000, 0.33, 0.05, false, 92, 70],
  [10, 0.33, 0.05, true, 4, 4],
  [100, 0.33, 0.05, true, 42, 37],
  [1000, 0.33, 0.05, true, 132, 109],
  [10_000, 0.33, 0.05, true, 178, 146],
  [10, 0.05, 0.05, false, 2, 2],
  [100, 0.05, 0.05, false, 12, 6],
  [1000, 0.05, 0.05, false, 30, 17],
  [10_000, 0.05, 0.05, false, 34, 20],
  [10, 0.05, 0.05, true, 2, 2],
  [100, 0.05, 0.05, true, 16, 11],
  [1000, 0.05, 0.05, true, 52, 37],
  [10_000, 0.05, 0.05, true, 62, 44],
  [10, 0.33, 0, false, 4, 4],
  [100, 0.33, 0, false, 26, 25],
  [1000, 0.33, 0, false, 38, 36],
  [10_000, 0.33, 0, false, 42, 40],
  [10, 0.33, 0, true, 4, 4],
  [100, 0.33, 0, true, 26, 26],
  [1000, 0.33, 0, true, 38, 37],
  [10_000, 0.33, 0, true, 42, 41],
  [10, 0, 0.33, false, 4, 2],
  [100, 0, 0.33, false, 26, 2],
  [1000, 0, 0.33, false, 38, 2],
  [10_000, 0, 0.33, false, 42, 2],
  [10, 0, 0.33, true, 8, 5],
  [100, 0, 0.33, true, 68, 35],
  [1000, 0, 0.33, true, 228, 115],
  [10_000, 0, 0.33, true, 326, 164],
];

/** The rings that SECAGG 2.5 and 2.6 quote, at eta 30; the attack on the first four is in arc-attack.test.ts. */
const quotedRings: readonly RingCase[] = [
  [300, 0.1, 0.2, false, 56, 25],
  [1000, 0.1, 0.1, false, 52, 28],
  [1000, 0.1, 0.3, false, 102, 39],
  [3000, 0.05, 0.1, false, 44, 21],
];
const quotedDegrees: readonly (readonly [number, number, number, number])[] = [
  [1000, 0.1, 0.1, 114],
  [1000, 0.1, 0.3, 462],
  [10_000, 0.1, 0.3, 936],
];

test.each(publishedRings)(
  "on the published ring of %i clients at %f corrupt and %f dropping, cheating %o, the tails give %i neighbours and threshold %i",
  (...ring) => {
    const [cohortSize, gamma, delta, cheating, neighbourCount, threshold] = ring;
    expect(findRing({ cohortSize, gamma, delta, cheating, failureLog2: -20 })).toEqual({ neighbourCount, threshold });
  },
);

test("the rings that the design quotes are those of the published rule", () => {
  for (const [cohortSize, gamma, delta, cheating, neighbourCount, threshold] of quotedRings) {
    expect(findRing({ cohortSize, gamma, delta, cheating, failureLog2: -30 })).toEqual({ neighbourCount, threshold });
  }
  for (const [cohortSize, gamma, delta, neighbourCount] of quotedDegrees) {
    expect(findRing({ cohortSize, gamma, delta, cheating: true, failureLog2: -30 })).toMatchObject({ neighbourCount });
  }
});

interface RingRequirement {
  readonly cohortSize: number;
  readonly gamma: number;
  readonly delta: number;
  readonly cheating: boolean;
  readonly failureLog2: number;
}

/** Bell et al. 2020 as published with that finder: the fewest neighbours on a random ring, the k/2 nearest on either side, and the lowest threshold. */
function findRing({
  cohortSize: n,
  gamma,
  delta,
  cheating,
  failureLog2,
}: RingRequirement): { neighbourCount: number; threshold: number } | null {
  const corrupt = Math.floor((gamma + 1e-14) * n);
  const removed = corrupt + Math.floor((delta + 1e-14) * n);
  const surviving = Math.ceil((1 - delta - 1e-14) * n);
  let corruptMax = 0;
  let survivingMin = 0;
  for (let k = 2; k < n - 1; k += 2) {
    // Two gaps of k / 2 neighbours each: with k removed clients placed, the others are anywhere.
    const gaps = Math.log2(n) + Math.log2(n - k - 1) - 1 + binomialLog2(n - k, removed - k) - binomialLog2(n, removed);
    if (gaps >= -41) continue;
    while (Math.log2(n) + atLeastLog2({ population: n, marked: corrupt, drawn: k }, corruptMax + 1) > -41) corruptMax++;
    while (Math.log2(n) + belowLog2({ population: n, marked: surviving, drawn: k }, survivingMin + 1) <= failureLog2) survivingMin++;
    const threshold = cheating ? Math.floor((k + corruptMax) / 2) + 1 : corruptMax + 1;
    if (threshold <= survivingMin) return { neighbourCount: k, threshold: Math.max(threshold, 2) };
  }
  return null;
}

/** Counts of a cohort with a quorum: SECAGG 2.6. */
function cohorts(sizes: { readonly min: number; readonly max: number }): fc.Arbitrary<Parameters<typeof findGraphParameters>[0]> {
  return fc.integer(sizes).chain((cohortSize) =>
    fc.record({
      cohortSize: fc.constant(cohortSize),
      corruptMax: fc.nat({ max: Math.floor(0.4 * cohortSize) }),
      dropoutMax: fc.nat({ max: Math.floor(0.4 * cohortSize) }),
    }),
  );
}

test("what is found meets the conditions, with the highest threshold that random dropouts allow", () => {
  fc.assert(
    fc.property(cohorts({ min: 129, max: 600 }), (counts) => {
      const { holderCount, threshold, corruptHoldersMax, componentMin } = findGraphParameters(counts)!;
      const graph = { ...counts, holderCount };
      expect(threshold).toBeGreaterThanOrEqual(2);
      expect(threshold).toBeLessThanOrEqual(holderCount);
      expect(componentMin).toBe(threshold - corruptHoldersMax + 1);
      expect(exposureLog2(graph, threshold)).toBeLessThanOrEqual(-41);
      expect(exposureLog2(graph, corruptHoldersMax + 1)).toBeLessThanOrEqual(-41);
      expect(shortfallLog2(graph, threshold)).toBeLessThanOrEqual(-30);
      if (threshold < holderCount) expect(shortfallLog2(graph, threshold + 1)).toBeGreaterThan(-30);
      expect(cutLog2(graph, componentMin)).toBeLessThanOrEqual(-41);
    }),
  );
});

test("more corrupt clients, or more that drop, never need fewer holders", () => {
  const added = fc.nat({ max: 20 });
  fc.assert(
    fc.property(cohorts({ min: 129, max: 600 }), added, added, (counts, corrupt, dropping) => {
      const worse = { ...counts, corruptMax: counts.corruptMax + corrupt, dropoutMax: counts.dropoutMax + dropping };
      // None at all counts as more than everybody.
      const [more, fewer] = [worse, counts].map((given) => findGraphParameters(given)?.holderCount ?? given.cohortSize);
      expect(more).toBeGreaterThanOrEqual(fewer!);
    }),
  );
});

test("in exact arithmetic the same parameters are found", () => {
  const check = (counts: Counts): void => {
    expect(findGraphParameters(counts)).toEqual(findExactly(counts));
  };
  fc.assert(fc.property(cohorts({ min: 2, max: 40 }), check), { numRuns: 200 });
  check({ cohortSize: 129, corruptMax: 12, dropoutMax: 12 });
  check({ cohortSize: 150, corruptMax: 30, dropoutMax: 30 });
});

test("a single honest client among corrupt ones has no parameters", () => {
  expect(findGraphParameters({ cohortSize: 200, corruptMax: 199, dropoutMax: 0 })).toBe(null);
});

test.each([
  { cohortSize: 1, corruptMax: 0, dropoutMax: 0 },
  { cohortSize: 10_001, corruptMax: 0, dropoutMax: 0 },
  { cohortSize: 200.5, corruptMax: 0, dropoutMax: 0 },
  { cohortSize: 200, corruptMax: 200, dropoutMax: 0 },
  { cohortSize: 200, corruptMax: 0, dropoutMax: -1 },
  { cohortSize: 200, corruptMax: 0.5, dropoutMax: 0 },
])("the counts %o are an error", (counts) => {
  expect(() => findGraphParameters(counts)).toThrow(FlError);
});

type Counts = Parameters<typeof findGraphParameters>[0];

/** The definition of SECAGG 2.5 in integers, with no care for time. */
function findExactly({ cohortSize: n, corruptMax: C, dropoutMax: D }: Counts): ReturnType<typeof findGraphParameters> {
  const choose = pascal(n);
  const tail = (marked: number, h: number, counts: (x: number) => boolean): bigint => {
    let ways = 0n;
    for (let x = 0; x <= h; x++) if (counts(x)) ways += choose(marked, x) * choose(n - 1 - marked, h - x);
    return ways;
  };
  for (let h = 2; h < n; h++) {
    const all = choose(n - 1, h);
    const exposed = (t: number): boolean => (BigInt(n) * tail(C, h, (x) => x >= t)) << 41n > all;
    const failing = (t: number): boolean => (BigInt(n) * tail(n - 1 - D, h, (x) => x < t)) << 30n > all;
    let mh = 0;
    while (exposed(mh + 1)) mh++;
    let t = h;
    while (t > 0 && failing(t)) t--;
    const s0 = t - mh + 1;
    if (t < 2 || exposed(t)) continue;
    const sizes = Array.from({ length: n }, (_, s) => [s, n - C - D - s] as const).filter(([s, q]) => s >= s0 && s <= q);
    if (sizes.length === 0 && 2 * s0 <= n - C) sizes.push([s0, s0]);
    const cuts = sizes.map(
      ([s, q]) => choose(n - C, s) * choose(n - C - s, q) * choose(n - 1 - q, h) ** BigInt(s) * choose(n - 1 - s, h) ** BigInt(q),
    );
    const members = sizes.length === 0 ? 0 : sizes[0]![0] + sizes[0]![1];
    if (cuts.reduce((sum, ways) => sum + ways, 0n) << 41n <= all ** BigInt(members)) {
      return { holderCount: h, threshold: t, corruptHoldersMax: mh, componentMin: s0 };
    }
  }
  return null;
}

/** Binomial coefficients up to n, by Pascal's triangle. */
function pascal(n: number): (m: number, k: number) => bigint {
  const rows: bigint[][] = [[1n]];
  for (let m = 1; m <= n; m++) rows.push(Array.from({ length: m + 1 }, (_, k) => (rows[m - 1]![k - 1] ?? 0n) + (rows[m - 1]![k] ?? 0n)));
  return (m, k) => rows[m]?.[k] ?? 0n;
}
