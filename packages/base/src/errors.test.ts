import { expect, test } from "vitest";
import { FlError, toFlError } from "./errors.ts";

test("an error carries its code, its message and its cause", () => {
  const cause = new RangeError("disk is full");
  const error = new FlError("resource-exhausted", "cannot store a blob", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "FlError", code: "resource-exhausted", message: "cannot store a blob", cause });
});

test("an FlError stays the same object", () => {
  const error = new FlError("aborted", "round 3 ended");
  expect(toFlError(error)).toBe(error);
});

test("another error becomes internal, with its message and itself as cause", () => {
  const cause = new TypeError("x is not a function");
  expect(toFlError(cause)).toMatchObject({ code: "internal", message: "x is not a function", cause });
});

test.each([
  ["text", "text"],
  [7, "7"],
  [undefined, "undefined"],
  [null, "null"],
])("a thrown %j becomes internal", (thrown, message) => {
  expect(toFlError(thrown)).toMatchObject({ code: "internal", message });
});
