import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlError, instant, parseClientId } from "@sotto/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Remembered } from "../round/state.ts";
import { marksStoreContract } from "../testing/marks-contract.ts";
import { openDirectoryMarks } from "./directory-marks.ts";
import type { MarksStore } from "./marks-store.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sotto-marks-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

const client = parseClientId("basel");
const authorityPublicKey = new Uint8Array(32).fill(1);

function open(folder: string): Promise<MarksStore> {
  return openDirectoryMarks({ folder, client, authorityPublicKey });
}

async function freshFolder(): Promise<string> {
  return join(await mkdtemp(join(root, "place-")), "state", "basel");
}

function left(at: number): Remembered {
  return { marks: new Map(), seenRoster: null, leftAt: instant(at), isInRound: false };
}

marksStoreContract("directory", async () => {
  const folder = await freshFolder();
  return { open: () => open(folder) };
});

test("a folder made on demand is its owner's alone, and holds the marks and nothing else once it is closed", async () => {
  const folder = await freshFolder();
  const store = await open(folder);
  await store.save(left(1));
  await store.save(left(2));
  await store.close();
  expect(await readdir(folder)).toEqual(["marks.json"]);
  if (process.platform !== "win32") expect(((await stat(folder)).mode & 0o777).toString(8)).toBe("700");
});

test("what a crash left of a file half written is removed, and the marks before it hold", async () => {
  const folder = await freshFolder();
  const store = await open(folder);
  await store.save(left(5));
  await store.close();
  await writeFile(join(folder, "marks.json.partial"), '{"version":1,"client":"bas');
  const again = await open(folder);
  expect(await again.load()).toEqual(left(5));
  expect(await readdir(folder)).not.toContain("marks.json.partial");
  await again.close();
});

test.each([
  ["", "is not JSON"],
  ['{"version":1,"client":"bas', "is not JSON"],
  ["{}", "mistakes"],
])("a damaged file keeps the client from starting, names what to read, and is left as it is: %j", async (damaged, named) => {
  const folder = await freshFolder();
  await mkdir(folder, { recursive: true });
  const file = join(folder, "marks.json");
  await writeFile(file, damaged);
  const opened = open(folder);
  await expect(opened).rejects.toMatchObject({ code: "data-loss", message: expect.stringContaining(file) });
  await expect(opened).rejects.toThrow(named);
  await expect(opened).rejects.toThrow("docs/join-as-a-client.md");
  expect(await readFile(file, "utf8")).toBe(damaged);
  expect(await readdir(folder)).toEqual(["marks.json"]);
});

test("marks of another client or federation keep the client from starting", async () => {
  const folder = await freshFolder();
  const store = await open(folder);
  await store.save(left(1));
  await store.close();
  const bern = openDirectoryMarks({ folder, client: parseClientId("bern"), authorityPublicKey });
  await expect(bern).rejects.toMatchObject({ code: "failed-precondition", message: expect.stringContaining("client basel") });
  const elsewhere = openDirectoryMarks({ folder, client, authorityPublicKey: new Uint8Array(32) });
  await expect(elsewhere).rejects.toMatchObject({ code: "failed-precondition", message: expect.stringContaining("authority key") });
});

test("a folder is held by one at a time, and free once it is closed", async () => {
  const folder = await freshFolder();
  const holder = await open(folder);
  await expect(open(folder)).rejects.toMatchObject({
    code: "failed-precondition",
    message: expect.stringContaining(`held by process ${process.pid}: two clients never share a state directory`),
  });
  await holder.close();
  await (await open(folder)).close();
});

test("a save that the disk refuses is an error that names the file, and the marks before it hold", async () => {
  const folder = await freshFolder();
  const store = await open(folder);
  await store.save(left(1));
  await mkdir(join(folder, "marks.json.partial"));
  await expect(store.save(left(2))).rejects.toBeInstanceOf(FlError);
  await expect(store.save(left(2))).rejects.toThrow(join(folder, "marks.json"));
  expect(await store.load()).toEqual(left(1));
  await rm(join(folder, "marks.json.partial"), { recursive: true });
  await store.close();
  const again = await open(folder);
  expect(await again.load()).toEqual(left(1));
  await again.close();
});
