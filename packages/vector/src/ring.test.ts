import fc from "fast-check";
import { expect, test } from "vitest";
import { addInto, subtractInto } from "./ring.ts";

const pairs = fc
  .integer({ min: 0, max: 20 })
  .chain((length) =>
    fc.tuple(fc.uint32Array({ minLength: length, maxLength: length }), fc.uint32Array({ minLength: length, maxLength: length })),
  );

test("lanes wrap at 2^32 in both directions", () => {
  const lanes = Uint32Array.of(0xffff_ffff, 0, 0x8000_0000);
  addInto(lanes, Uint32Array.of(1, 0xffff_ffff, 0x8000_0000));
  expect([...lanes]).toEqual([0, 0xffff_ffff, 0]);
  subtractInto(lanes, Uint32Array.of(1, 0xffff_ffff, 0x8000_0000));
  expect([...lanes]).toEqual([0xffff_ffff, 0, 0x8000_0000]);
});

test("adding is the sum modulo 2^32, subtracting undoes it, and neither touches the source", () => {
  fc.assert(
    fc.property(pairs, ([target, source]) => {
      const [before, kept] = [[...target], [...source]];
      addInto(target, source);
      expect([...target]).toEqual(before.map((lane, i) => (lane + kept[i]!) % 2 ** 32));
      subtractInto(target, source);
      expect([...target]).toEqual(before);
      expect([...source]).toEqual(kept);
    }),
  );
});

test("lanes of different lengths are refused", () => {
  expect(() => addInto(new Uint32Array(2), new Uint32Array(3))).toThrow("3 lanes do not match the 2 they are to change");
  expect(() => subtractInto(new Uint32Array(3), new Uint32Array(2))).toThrow("2 lanes do not match the 3 they are to change");
});
