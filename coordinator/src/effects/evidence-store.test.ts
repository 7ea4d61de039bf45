import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlError } from "@sotto/base";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { directoryEvidence } from "./directory-evidence.ts";
import { type EvidenceStore, filesMax } from "./evidence-store.ts";
import { memoryEvidence } from "./memory-evidence.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sotto-evidence-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** A store, a way to look into it without it, and one to fill it. */
interface Kept {
  readonly store: EvidenceStore;
  read(): Promise<ReadonlyMap<string, Uint8Array>>;
  fill(count: number): Promise<void>;
}

const kinds: Readonly<Record<string, () => Kept>> = {
  memory: () => {
    const store = memoryEvidence();
    const fill = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await store.keep(`old-${i}.json`, new Uint8Array(0));
    };
    return { store, read: async () => store.files, fill };
  },
  folder: () => {
    const path = join(folder, "state", "evidence");
    return {
      store: directoryEvidence(path),
      async read() {
        const names = await readdir(path);
        return new Map(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(path, name)))] as const)));
      },
      async fill(count) {
        await mkdir(path, { recursive: true });
        for (let i = 0; i < count; i++) await writeFile(join(path, `old-${i}.json`), "");
      },
    };
  },
};

describe.each(Object.keys(kinds))("evidence in a %s", (kind) => {
  test("is read back as it was kept last under its name, and nothing else is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("a.json", "b.json"), fc.uint8Array()), { minLength: 1, maxLength: 5 }),
        async (files) => {
          const { store, read } = kinds[kind]!();
          for (const [name, bytes] of files) expect(await store.keep(name, bytes)).toMatch(name);
          const kept = await read();
          for (const [name, bytes] of new Map(files)) expect(kept.get(name)).toEqual(bytes);
          await rm(join(folder, "state"), { recursive: true, force: true });
          expect(kept.size).toBe(new Map(files).size);
        },
      ),
      { numRuns: 10 },
    );
  });

  test("is refused room beyond the most files, unless it takes the place of one", async () => {
    const { store, read, fill } = kinds[kind]!();
    await fill(filesMax - 1);
    expect(await store.keep("last.json", Uint8Array.of(1))).not.toBeNull();
    expect(await store.keep("more.json", Uint8Array.of(2))).toBeNull();
    expect(await store.keep("last.json", Uint8Array.of(3))).not.toBeNull();
    const kept = await read();
    expect([kept.size, kept.has("more.json"), kept.get("last.json")]).toEqual([filesMax, false, Uint8Array.of(3)]);
  });
});

test("a folder of evidence is made for its owner alone", async () => {
  const path = join(folder, "evidence");
  expect(await directoryEvidence(path).keep("one.json", Uint8Array.of(1, 2))).toBe(join(path, "one.json"));
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test("a file that a crash cut short is never counted", async () => {
  const { store, read, fill } = kinds["folder"]!();
  await fill(filesMax - 1);
  await writeFile(join(folder, "state", "evidence", "cut.json.partial"), "half of it");
  expect(await store.keep("last.json", Uint8Array.of(1))).not.toBeNull();
  expect((await read()).has("last.json")).toBe(true);
});

test("evidence that cannot be kept is an error that names what could not be made", async () => {
  await writeFile(join(folder, "taken"), "");
  const kept = directoryEvidence(join(folder, "taken", "evidence")).keep("one.json", Uint8Array.of(1));
  await expect(kept).rejects.toThrow(FlError);
  await expect(kept).rejects.toThrow(join("taken", "evidence"));
});
