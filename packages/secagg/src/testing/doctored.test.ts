import fc from "fast-check";
import { expect, test } from "vitest";
import { doctored } from "./doctored.ts";

const others = (text: string): readonly string[] => [`${text}!`];

test("every field of a record is changed, one at a time, at every depth", () => {
  const record = { name: "a", bytes: Uint8Array.of(1, 2), list: [{ count: 1 }, { count: 5 }], same: Uint8Array.of(1, 2) };
  const whats = doctored(record, others).map(({ what }) => what);
  expect(whats).toContain("name = a!");
  expect(whats).toContain("bytes byte 1 flipped");
  expect(whats).toContain("list [0] left out");
  expect(whats).toContain("list [0] and its neighbour swapped");
  expect(whats).toContain("list 1 count = 6");
  expect(whats).not.toContain("bytes and same swapped");
  expect(new Set(whats).size).toBe(whats.length);
});

test("no change gives the value itself, and none touches it", () => {
  const bytes = fc.uint8Array({ maxLength: 4 });
  const value = fc.record({
    text: fc.string(),
    count: fc.nat(),
    a: bytes,
    b: bytes,
    list: fc.array(fc.record({ bytes }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(value, (original) => {
      const before = structuredClone(original);
      for (const { what, value: changed } of doctored(original, others)) {
        // Two equal neighbours are the same the other way round.
        if (!what.includes("neighbour")) expect(changed, what).not.toEqual(original);
      }
      expect(original).toEqual(before);
    }),
  );
});
