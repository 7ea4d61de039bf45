import { FlError } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assertHeader } from "./header.ts";

const columns = ["age", "sex", "chol"].map((name) => ({ type: "ignored" as const, name }));

function complaintOf(found: readonly string[]): string {
  try {
    assertHeader(found, columns);
  } catch (thrown) {
    if (thrown instanceof FlError && thrown.code === "invalid-argument") return thrown.message;
    throw thrown;
  }
  return "none";
}

describe("the header of a table", () => {
  test("the schema's own names in order pass", () => {
    expect(complaintOf(["age", "sex", "chol"])).toBe("none");
  });

  test("the complaint names what is missing, unknown, doubled or misplaced", () => {
    expect(complaintOf(["age", "sex"])).toContain('missing "chol"');
    expect(complaintOf(["age", "gender", "chol"])).toContain('missing "sex", 1 unknown');
    expect(complaintOf(["age", "sex", "chol", "age"])).toContain('more than once "age"');
    expect(complaintOf(["age", "chol", "sex"])).toContain('another order, column 2 must be "sex" and is "chol"');
  });

  test("a row of examples where the header should be is not shown", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[0-9]{6,9}$/), { minLength: 1, maxLength: 5 }), (row) => {
        const complaint = complaintOf(row);
        expect(complaint).not.toBe("none");
        for (const cell of row) expect(complaint).not.toContain(cell);
      }),
    );
  });
});
