import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sessionParameters } from "@sotto/secagg";
import { expect, test } from "vitest";

const page = readFileSync(join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "security.md"), "utf8");

/** The rows below the header that begins with these columns, as numbers. */
function rowsUnder(header: string): number[][] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(header)) + 2;
  const rows = lines.slice(start);
  return rows.slice(0, rows.indexOf("")).map((line) => line.split("|").slice(1, -1).map(Number));
}

test("the parameters that docs/security.md states are those a session has", () => {
  const rows = rowsUnder("| n | gamma | delta | h | t | Q | corrupt | survivors |");
  expect(rows.length).toBeGreaterThan(8);
  for (const [cohortSize = 0, gamma = 0, delta = 0, ...stated] of rows) {
    const { holderCount, threshold, quorum, corruptMax, survivorsMin } = sessionParameters({ cohortSize, tolerance: { gamma, delta } });
    expect([cohortSize, holderCount, threshold, quorum, corruptMax, survivorsMin]).toEqual([cohortSize, ...stated]);
  }
});
