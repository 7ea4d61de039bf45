import fc from "fast-check";
import { expect, test } from "vitest";
import { isSubset, memberCount, memberIndices, membersOf } from "./members.ts";

test("a set of members gives back the indices it was made of", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(49)), (indices) => {
      const members = membersOf(50, indices);
      expect(memberIndices(members)).toEqual([...indices].sort((a, b) => a - b));
      expect(memberCount(members)).toBe(indices.length);
    }),
  );
});

test("a set is within another exactly when each of its members is", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(9)), fc.uniqueArray(fc.nat(9)), (inner, outer) => {
      expect(isSubset(membersOf(10, inner), membersOf(10, outer))).toBe(inner.every((index) => outer.includes(index)));
    }),
  );
});
