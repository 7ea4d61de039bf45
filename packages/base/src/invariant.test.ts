import { expect, test } from "vitest";
import { assertNever, invariant } from "./invariant.ts";

test("a true claim passes", () => {
  expect(() => invariant(true, "survivors ≤ cohort")).not.toThrow();
});

test("a false claim throws internal and names itself", () => {
  expect(() => invariant(false, "survivors ≤ cohort")).toThrowError(
    expect.objectContaining({ code: "internal", message: "invariant broken: survivors ≤ cohort" }),
  );
});

test.each([
  [{ kind: "surprise" }, 'kind "surprise"'],
  [{ phase: "waiting" }, 'phase "waiting"'],
  ["surprise", '"surprise"'],
  [7, "7"],
  [1n, "1"],
  [null, "null"],
  [{}, "an object without kind or phase"],
])("a value no case handles throws internal and is named: %o", (value, name) => {
  expect(() => assertNever(value as never)).toThrowError(expect.objectContaining({ code: "internal", message: `no case handles ${name}` }));
});

test("a state no case handles keeps its secrets out of the message", () => {
  expect(() => assertNever({ phase: "keying", secretKey: Uint8Array.of(222, 173) } as never)).toThrowError(
    /^no case handles phase "keying"$/,
  );
});
