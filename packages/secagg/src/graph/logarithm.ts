/**
 * Base-2 logarithm and exponential from the four operations, which IEEE 754 fixes to the last bit. ECMAScript leaves `Math.log2` to the engine, and every
 * client must compute the same share graph as its coordinator: what they decide an integer by is equal on every machine.
 */

/** The logarithm of a positive number that is at least 2^-1022; within 2 units in the last place of the larger of it and 1. */
export function log2(x: number): number {
  let exponent = 0;
  let mantissa = x;
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  return exponent + areaTangent((mantissa - 1) / (mantissa + 1)) * (2 / Math.LN2);
}

/** log2(k / (k - 1)), k at least 2, with full relative precision. */
export function log2OfStep(k: number): number {
  return areaTangent(1 / (2 * k - 1)) * (2 / Math.LN2);
}

/** 2^x for x at most 0; 0 below -1000. */
export function exp2(x: number): number {
  if (x < -1000) return 0;
  const whole = Math.round(x);
  const y = (x - whole) * Math.LN2;
  let sum = 1;
  // |y| is at most 0.35: the first term left out is below 2^-57.
  for (let n = 15; n > 0; n--) sum = 1 + (sum * y) / n;
  let scale = 1;
  for (let i = 0; i < -whole; i++) scale /= 2;
  return sum * scale;
}

/** The logarithm of the sum of 2^x over `exponents`; minus infinity for none. */
export function log2OfSum(exponents: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const x of exponents) largest = Math.max(largest, x);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const x of exponents) sum += exp2(x - largest);
  return largest + log2(sum);
}

/** artanh z = z + z^3 / 3 + z^5 / 5 + …, for |z| at most 1/3. */
function areaTangent(z: number): number {
  const square = z * z;
  let sum = 0;
  // 1/9 to the power 17 is below 2^-53.
  for (let n = 35; n > 0; n -= 2) sum = sum * square + 1 / n;
  return sum * z;
}
