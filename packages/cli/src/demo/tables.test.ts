import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findTables } from "./tables.ts";

const root = mkdtempSync(join(tmpdir(), "sotto-tables-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folderOf(name: string, ...files: readonly string[]): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file), "");
  return folder;
}

describe("the tables of a folder", () => {
  test("the UCI files are one client each, named by the file", () => {
    const folder = folderOf("uci", "SOURCE.md", ...["va", "cleveland", "switzerland", "hungarian"].map((site) => `processed.${site}.data`));
    const { clients, schema } = findTables({ folder, seed: 9 });
    expect(clients.map(({ client }) => client)).toEqual(["cleveland", "hungarian", "switzerland", "va"]);
    expect(clients[3]?.path).toBe(join(folder, "processed.va.data"));
    expect(schema.heldBack.seed).toBe(9);
  });

  test("a folder of other files, of too few, or none at all says what it wants", () => {
    expect(() => findTables({ folder: folderOf("other", "a.csv"), seed: 1 })).toThrow(/none of processed\.cleveland\.data/);
    expect(() => findTables({ folder: folderOf("task", "task.yaml"), seed: 1 })).toThrow(/sotto task submit/);
    expect(() => findTables({ folder: folderOf("two", "processed.va.data", "processed.cleveland.data"), seed: 1 })).toThrow(/holds 2 of/);
    expect(() => findTables({ folder: join(root, "absent"), seed: 1 })).toThrow(/absent/);
  });
});
