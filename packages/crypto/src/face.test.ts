import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { node, portable } from "./testing/faces.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile while one face lacks a name of the other, or gives it another type. */
const areFacesSame: Same<typeof node, typeof portable> = true;

test("both faces have the same functions and constants", () => {
  expect(areFacesSame).toBe(true);
  expect(Object.keys(portable).sort()).toEqual(Object.keys(node).sort());
  const kinds = (face: object): readonly string[] => Object.values(face).map((member) => typeof member);
  expect(kinds(portable)).toEqual(kinds(node));
});

test("both faces have the same types", () => {
  const exportsOf = (file: string): readonly string[] =>
    readFileSync(new URL(file, import.meta.url), "utf8").match(/^export [\s\S]*?;$/gm) ?? [];
  expect(exportsOf("browser.ts").length).toBeGreaterThan(20);
  expect(exportsOf("browser.ts")).toEqual(exportsOf("index.ts"));
});
