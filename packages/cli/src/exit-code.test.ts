import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodeOf, exitCodes } from "./exit-code.ts";

const page = readFileSync(new URL("../../../docs/exit-codes.md", import.meta.url), "utf8");

test("every exit code is a number of its own that a shell can hold", () => {
  const codes = Object.values(exitCodes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code >= 0 && code <= 255 && Number.isInteger(code)).toBe(true);
});

test("the page lists exactly the codes of the program", () => {
  const listed = [...page.matchAll(/^\| (\d+) +\| ([a-z-]+) /gm)].map(([, code, name]) => [name, Number(code)]);
  expect(Object.fromEntries(listed)).toEqual(exitCodes);
});

test("no error ends the program as if all were well, and callers who are not let in are told apart from a coordinator that is away", () => {
  expect(exitCodeOf("internal")).toBe(1);
  expect(exitCodeOf("unauthenticated")).toBe(24);
  expect(exitCodeOf("permission-denied")).toBe(24);
  expect(exitCodeOf("deadline-exceeded")).toBe(25);
});
