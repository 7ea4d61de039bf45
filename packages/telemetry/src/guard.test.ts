import type { LogFields } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { logListLengthMax, logTextLengthMax, safeFields, safeText } from "./guard.ts";

test("what the types allow, within the bounds, is told unchanged", () => {
  const value = fc.oneof(fc.string({ maxLength: 100 }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("round", "client", "reason", "__proto__", "toString"), value), (fields) => {
      expect(safeFields(fields)).toEqual(Object.fromEntries(Object.entries(fields)));
    }),
  );
});

test("no field grows beyond its bound", () => {
  const long = "x".repeat(logTextLengthMax + 7);
  expect(safeText(long)).toBe(`${"x".repeat(logTextLengthMax)}… (7 more)`);
  const { text, list } = safeFields({ text: long, list: Array.from({ length: logListLengthMax + 2 }, () => long) });
  expect(text).toBe(safeText(long));
  expect(list).toEqual([...Array.from({ length: logListLengthMax }, () => safeText(long)), "… (2 more)"]);
  expect(Object.keys(safeFields({ ["n".repeat(5_000)]: 1 }))).toEqual(["n".repeat(100)]);
});

test.each([
  [new Uint8Array(32), "[removed: 32 bytes]"],
  [new Float64Array(2), "[removed: 16 bytes]"],
  [new ArrayBuffer(5), "[removed: 5 bytes]"],
  [{ nested: "object" }, "[removed: object]"],
  [() => 1, "[removed: function]"],
  [12n, "[removed: bigint]"],
  [Symbol("s"), "[removed: symbol]"],
  [
    [new Uint8Array(3), 7, null, "kept"],
    ["[removed: 3 bytes]", "[removed: number]", "[removed: null]", "kept"],
  ],
])("what the types forbid is named, not shown: case %#", (value, told) => {
  expect(safeFields({ field: value } as unknown as LogFields)).toEqual({ field: told });
});

test("text under a secret's name is removed; a count under it is told", () => {
  expect(safeFields({ identitySecretKey: "c2VjcmV0", seed: "07", shares: ["a", "b"], maskCount: 4, sharesArrived: true })).toEqual({
    identitySecretKey: "[removed: 8 under a secret's name]",
    seed: "[removed: 2 under a secret's name]",
    shares: "[removed: 2 under a secret's name]",
    maskCount: 4,
    sharesArrived: true,
  });
});

test("numbers JSON cannot hold are told as text", () => {
  expect(safeFields({ a: Number.NaN, b: Number.NEGATIVE_INFINITY })).toEqual({ a: "NaN", b: "-Infinity" });
});
