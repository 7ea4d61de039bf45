import { FlError } from "@sotto/base";
import { log2, log2OfStep } from "./logarithm.ts";

/** Largest population that the table of factorials reaches. */
export const populationMax = 10_000;

/** How many marked clients a draw without replacement catches. */
export interface Hypergeometric {
  /** At most {@link populationMax}. */
  readonly population: number;
  /** Of the population. */
  readonly marked: number;
  /** Of the population. */
  readonly drawn: number;
}

/**
 * log2 of the probability of `count` or more marked clients among the drawn, to 1e-12.
 * @throws FlError `invalid-argument` unless marked, drawn ≤ population ≤ {@link populationMax}
 */
export function atLeastLog2(draw: Hypergeometric, count: number): number {
  const { lowest, highest } = supportOf(draw);
  return count <= lowest ? 0 : rangeLog2(draw, count, highest);
}

/**
 * log2 of the probability of fewer than `count` marked clients among the drawn, to 1e-12.
 * @throws FlError `invalid-argument` unless marked, drawn ≤ population ≤ {@link populationMax}
 */
export function belowLog2(draw: Hypergeometric, count: number): number {
  const { lowest, highest } = supportOf(draw);
  return count > highest ? 0 : rangeLog2(draw, lowest, count - 1);
}

/** log2 of n over k, 0 ≤ n ≤ {@link populationMax}; minus infinity unless 0 ≤ k ≤ n. */
export function binomialLog2(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return factorialsLog2([n], [k, n - k]);
}

/**
 * log2 of the probability that `drawn` of `population` clients miss all of `avoided`: C(population - avoided, drawn) / C(population, drawn). With full
 * relative precision, for its multiples are taken.
 */
export function missLog2({
  population,
  avoided,
  drawn,
}: {
  readonly population: number;
  readonly avoided: number;
  readonly drawn: number;
}): number {
  const left = population - avoided;
  return drawn > left ? Number.NEGATIVE_INFINITY : factorialsLog2([left, population - drawn], [left - drawn, population]);
}

function supportOf({ population, marked, drawn }: Hypergeometric): { readonly lowest: number; readonly highest: number } {
  const counts = [population, marked, drawn];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count <= population) || population > populationMax) {
    throw new FlError(
      "invalid-argument",
      `${drawn} and ${marked} must be at most the population, ${population}, and that ${populationMax}`,
    );
  }
  return { lowest: Math.max(0, marked + drawn - population), highest: Math.min(marked, drawn) };
}

/** log2 Pr[from ≤ X ≤ to], a range inside the support or empty: the largest term by factorials, the others by their ratios to it, which are below 1. */
function rangeLog2(draw: Hypergeometric, from: number, to: number): number {
  if (from > to) return Number.NEGATIVE_INFINITY;
  const { population, marked, drawn } = draw;
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (population + 2));
  const start = Math.min(Math.max(mode, from), to);
  let sum = 1;
  for (let x = start, term = 1; x < to && term > sum * 1e-18; x++) {
    term *= ratioAfter(draw, x);
    sum += term;
  }
  for (let x = start, term = 1; x > from && term > sum * 1e-18; x--) {
    term /= ratioAfter(draw, x - 1);
    sum += term;
  }
  const unmarked = population - marked;
  const above = [marked, unmarked, drawn, population - drawn];
  const below = [start, marked - start, drawn - start, unmarked - drawn + start, population];
  return Math.min(0, factorialsLog2(above, below) + log2(sum));
}

/** Pr[X = x + 1] / Pr[X = x]. */
function ratioAfter({ population, marked, drawn }: Hypergeometric, x: number): number {
  return ((marked - x) * (drawn - x)) / ((x + 1) * (population - marked - drawn + x + 1));
}

/** log2 of the product of the factorials `above` over that of those `below`, which nearly cancel: so they are added up in twice the precision. */
function factorialsLog2(above: readonly number[], below: readonly number[]): number {
  let high = 0;
  let low = 0;
  for (const k of above) {
    const next = high + factorials.high[k]!;
    low += sumError(high, factorials.high[k]!, next) + factorials.low[k]!;
    high = next;
  }
  for (const k of below) {
    const next = high - factorials.high[k]!;
    low += sumError(high, -factorials.high[k]!, next) - factorials.low[k]!;
    high = next;
  }
  return high + low;
}

/** log2 k! as the unevaluated sum of two numbers, by k: log2 k grows by log2(k / (k - 1)), and log2 k! by log2 k. */
const factorials = createFactorials();

function createFactorials(): { readonly high: Float64Array; readonly low: Float64Array } {
  const high = new Float64Array(populationMax + 1);
  const low = new Float64Array(populationMax + 1);
  let logarithm = 0;
  let rest = 0;
  for (let k = 2; k <= populationMax; k++) {
    const step = log2OfStep(k);
    const grown = logarithm + step;
    rest += sumError(logarithm, step, grown);
    logarithm = grown;
    const next = high[k - 1]! + logarithm;
    low[k] = low[k - 1]! + sumError(high[k - 1]!, logarithm, next) + rest;
    high[k] = next;
  }
  return { high, low };
}

/** What rounding took from a + b: Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B. */
function sumError(a: number, b: number, sum: number): number {
  const roundedB = sum - a;
  return a - (sum - roundedB) + (b - roundedB);
}
