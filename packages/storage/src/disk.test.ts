import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { toFlError } from "@sotto/base";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPartial, ifThere, makeFolder, onDisk, readIfThere, removeFile, replaceFile } from "./disk.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sotto-disk-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

function freshFolder(): Promise<string> {
  return mkdtemp(join(root, "place-"));
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

const hasModes = process.platform !== "win32";

test("a file holds what it was replaced by last, and nothing else is left beside it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 }), async (versions) => {
      const folder = await freshFolder();
      const file = join(folder, "kept");
      for (const bytes of versions) await replaceFile(file, bytes);
      expect(new Uint8Array((await readIfThere(file))!)).toEqual(versions.at(-1));
      expect(await readdir(folder)).toEqual(["kept"]);
    }),
    { numRuns: 15 },
  );
});

test.runIf(hasModes)("a file is its owner's alone, also where one was that everybody could read", async () => {
  const file = join(await freshFolder(), "kept");
  await writeFile(file, "old", { mode: 0o644 });
  await replaceFile(file, Uint8Array.of(1));
  expect(await modeOf(file)).toBe("600");
});

test("what a crash left half written is overwritten, and its mode with it", async () => {
  const folder = await freshFolder();
  const file = join(folder, "kept");
  await writeFile(`${file}.partial`, "half of it, and longer than the whole", { mode: 0o666 });
  await replaceFile(file, Uint8Array.of(1, 2));
  expect(await readdir(folder)).toEqual(["kept"]);
  expect([...(await readFile(file))]).toEqual([1, 2]);
  if (hasModes) expect(await modeOf(file)).toBe("600");
});

test("a write that the disk refuses is an error that names the file, and the bytes before it hold", async () => {
  const file = join(await freshFolder(), "kept");
  await replaceFile(file, Uint8Array.of(1));
  await mkdir(`${file}.partial`);
  const failure = await replaceFile(file, Uint8Array.of(2)).catch(toFlError);
  expect(failure).toMatchObject({ code: "internal", message: expect.stringContaining(file), cause: { code: expect.any(String) } });
  expect([...(await readFile(file))]).toEqual([1]);
});

test("a file that cannot take its name is an error that names it, and leaves nothing behind", async () => {
  const folder = await freshFolder();
  const file = join(folder, "kept");
  await mkdir(join(file, "in the way"), { recursive: true });
  await expect(replaceFile(file, Uint8Array.of(1))).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining(`cannot write ${file}: `),
  });
  expect(await readdir(folder)).toEqual(["kept"]);
});

test("a partial file has its chunks in order once it is placed, and is gone once it is closed without", async () => {
  const folder = await freshFolder();
  const placed = await createPartial({ path: join(folder, "a-partial"), mode: 0o640 });
  await placed.append(Uint8Array.of(1, 2));
  expect(await readdir(folder)).toEqual(["a-partial"]);
  await placed.append(Uint8Array.of(3));
  await placed.place(join(folder, "kept"));
  await placed.close();
  const given = await createPartial({ path: join(folder, "a-partial"), mode: 0o640 });
  await given.append(Uint8Array.of(9));
  await given.close();
  expect(await readdir(folder)).toEqual(["kept"]);
  expect([...(await readFile(join(folder, "kept")))]).toEqual([1, 2, 3]);
  if (hasModes) expect(await modeOf(join(folder, "kept"))).toBe("640");
});

test("a folder is made with what it lies in, all of one mode, and what was there stays as it is", async () => {
  const folder = await freshFolder();
  await mkdir(join(folder, "old"), { mode: 0o755 });
  await makeFolder(join(folder, "old", "state", "basel"), 0o700);
  await makeFolder(join(folder, "old", "state"), 0o750);
  const made = ["old", join("old", "state"), join("old", "state", "basel")];
  const modes = await Promise.all(made.map((each) => modeOf(join(folder, each))));
  if (hasModes) expect(modes).toEqual(["755", "700", "700"]);
  else expect(modes).toHaveLength(3);
});

test.each(["a/b", "./c//d/", "e/f/../g", "h"])("a folder is made wherever its path leads from here: %s", async (path) => {
  const folder = await freshFolder();
  await makeFolder(`${relative(process.cwd(), folder)}/${path}`, 0o700);
  expect((await stat(join(folder, path))).isDirectory()).toBe(true);
});

test("a folder that cannot be made is named", async () => {
  const file = join(await freshFolder(), "a-file");
  await writeFile(file, "");
  const below = join(file, "state");
  await expect(makeFolder(below, 0o700)).rejects.toMatchObject({ name: "FlError", message: `cannot make ${below}: ENOTDIR` });
});

test("a file that is not there is read as null and removed as if it were; one that cannot be read is named", async () => {
  const folder = await freshFolder();
  const file = join(folder, "none");
  expect(await readIfThere(file)).toBeNull();
  await removeFile(file);
  await expect(readIfThere(folder)).rejects.toMatchObject({ code: "internal", message: `cannot read ${folder}: EISDIR` });
});

test("a file that is removed is gone", async () => {
  const file = join(await freshFolder(), "kept");
  await replaceFile(file, Uint8Array.of(1));
  await removeFile(file);
  expect(await readIfThere(file)).toBeNull();
});

test.each([
  ["ENOSPC", "resource-exhausted"],
  ["EDQUOT", "resource-exhausted"],
  ["EACCES", "permission-denied"],
  ["EPERM", "permission-denied"],
  ["EROFS", "permission-denied"],
  ["EIO", "internal"],
  ["ENOENT", "internal"],
])("what the system calls %s is %s, with its reason as cause", async (system, code) => {
  const cause = Object.assign(new Error("the system's words"), { code: system });
  const failing = onDisk("write /state/marks.json", () => Promise.reject(cause));
  await expect(failing).rejects.toMatchObject({ name: "FlError", code, message: `cannot write /state/marks.json: ${system}`, cause });
});

test("only a file that is not there is null", async () => {
  const failing = (system: string) => ifThere("open it", () => Promise.reject(Object.assign(new Error(), { code: system })));
  expect(await failing("ENOENT")).toBeNull();
  await expect(failing("EACCES")).rejects.toMatchObject({ code: "permission-denied", message: "cannot open it: EACCES" });
  expect(await ifThere("open it", async () => 7)).toBe(7);
});

test.runIf(process.platform === "linux")("a full disk is told as one", async () => {
  const writing = onDisk("write /dev/full", () => writeFile("/dev/full", "a"));
  await expect(writing).rejects.toMatchObject({ code: "resource-exhausted", message: "cannot write /dev/full: ENOSPC" });
});
