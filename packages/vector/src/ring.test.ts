import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Lanes } from "./lanes.ts";
import { addInto, subtractInto } from "./ring.ts";

const widths = [
  { width: 16, of: (lanes: Iterable<number>): Lanes => Uint16Array.from(lanes), array: fc.uint16Array },
  { width: 32, of: (lanes: Iterable<number>): Lanes => Uint32Array.from(lanes), array: fc.uint32Array },
];

describe.each(widths)("lanes of $width bits", ({ width, of, array }) => {
  const top = 2 ** width - 1;
  const pairs = fc.integer({ min: 0, max: 20 }).chain((length) => {
    const lanes = array({ minLength: length, maxLength: length });
    return fc.tuple(lanes, lanes);
  });

  test("wrap in both directions", () => {
    const lanes = of([top, 0, 2 ** (width - 1)]);
    addInto(lanes, of([1, top, 2 ** (width - 1)]));
    expect([...lanes]).toEqual([0, top, 0]);
    subtractInto(lanes, of([1, top, 2 ** (width - 1)]));
    expect([...lanes]).toEqual([top, 0, 2 ** (width - 1)]);
  });

  test("add to the sum modulo 2^width, subtracting undoes it, and neither touches the source", () => {
    fc.assert(
      fc.property(pairs, ([target, source]) => {
        const [before, kept] = [[...target], [...source]];
        addInto(target, source);
        expect([...target]).toEqual(before.map((lane, i) => (lane + kept[i]!) % 2 ** width));
        subtractInto(target, source);
        expect([...target]).toEqual(before);
        expect([...source]).toEqual(kept);
      }),
    );
  });

  test("of different lengths are refused", () => {
    expect(() => addInto(of([1, 2]), of([1, 2, 3]))).toThrow("3 lanes do not match the 2 they are to change");
    expect(() => subtractInto(of([1, 2, 3]), of([1, 2]))).toThrow("2 lanes do not match the 3 they are to change");
  });
});

test("lanes of different widths are refused", () => {
  expect(() => addInto(new Uint16Array(2), new Uint32Array(2))).toThrow("lanes of 32 bits do not match those of 16 bits");
  expect(() => subtractInto(new Uint32Array(2), new Uint16Array(2))).toThrow("lanes of 16 bits do not match those of 32 bits");
});
