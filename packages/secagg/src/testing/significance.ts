// Probabilities that a good cipher gives something as odd as what was seen: SECAGG 3, privacy, statistical. Both tails count: counts that are too even are
// as wrong as counts that are too uneven, so callers ask for a probability that is neither close to 0 nor close to 1.

/** The probability that equally likely cells, each filled by chance, differ from even at least as much as `counts` do: Pearson's chi-square test. */
export function evenness(counts: ArrayLike<number>): number {
  const expected = total(counts) / counts.length;
  let statistic = 0;
  for (let cell = 0; cell < counts.length; cell++) statistic += (counts[cell]! - expected) ** 2 / expected;
  return chiSquareTail(statistic, counts.length - 1);
}

/** The probability that two samples of equal size from one distribution differ at least as much as `a` and `b` do: the chi-square test of homogeneity. */
export function likeness(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let statistic = 0;
  for (let cell = 0; cell < a.length; cell++) statistic += (a[cell]! - b[cell]!) ** 2 / (a[cell]! + b[cell]!);
  return chiSquareTail(statistic, a.length - 1);
}

/** The probability that independent lanes correlate at least as much as these two vectors of equal length do, in either direction. */
export function independence(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = a.length;
  const means = { a: total(a) / count, b: total(b) / count };
  let [products, squaresOfA, squaresOfB] = [0, 0, 0];
  for (let lane = 0; lane < count; lane++) {
    const [x, y] = [a[lane]! - means.a, b[lane]! - means.b];
    products += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  // The square of the correlation, times the count, is chi-square with one degree of freedom for so many lanes.
  return chiSquareTail((count * products ** 2) / (squaresOfA * squaresOfB), 1);
}

/** The probability that a chi-square variable with so many degrees of freedom is at least `statistic`. */
export function chiSquareTail(statistic: number, degrees: number): number {
  return upperGamma(degrees / 2, statistic / 2);
}

/** The regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0: DLMF 8.2.4, by the series 8.11.4 below x = a + 1 and the fraction 8.9.2 above. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

/** Terms after which neither expansion moves for a up to 2^17; both end far sooner. */
const termsMax = 1_000_000;

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < termsMax && term > sum * Number.EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** By Lentz's method as modified by Thompson and Barnett 1986. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < termsMax; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b, tiny);
    c = nonZero(b + numerator / c, tiny);
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return value;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** ln of the gamma function, x > 0, by Stirling's series (DLMF 5.11.1) from x = 16 on, and by the recurrence below it. */
function logGamma(x: number): number {
  if (x < 16) return logGamma(x + 1) - Math.log(x);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

function total(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let cell = 0; cell < counts.length; cell++) sum += counts[cell]!;
  return sum;
}
