/**
 * The field of 65 536 elements, GF(2)[x] / (x^16 + x^12 + x^3 + x + 1), as integers below 2^16: SECAGG 2.10. Addition is `^`.
 * The tables are indexed by secret values, a cache-timing channel inside the process that holds the secret anyway: SECAGG 2.10 accepts it.
 */

/** Non-zero elements: the order of the generator x. */
const order = 65_535;
const reduction = 0x1100b;

const { powers, logarithms } = createTables();

/** The product of two elements. */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logarithms[a]! + logarithms[b]!]!;
}

/** The quotient of two elements; `b` must not be zero. */
export function divide(a: number, b: number): number {
  return a === 0 ? 0 : powers[logarithms[a]! + order - logarithms[b]!]!;
}

/** Powers of x up to twice the order, so that a sum of two logarithms needs no reduction; the logarithm of 0 is never read. */
function createTables(): { readonly powers: Uint16Array; readonly logarithms: Uint16Array } {
  const powers = new Uint16Array(2 * order);
  const logarithms = new Uint16Array(order + 1);
  let element = 1;
  for (let exponent = 0; exponent < order; exponent++) {
    powers[exponent] = element;
    powers[exponent + order] = element;
    logarithms[element] = exponent;
    element <<= 1;
    if (element > order) element ^= reduction;
  }
  return { powers, logarithms };
}
