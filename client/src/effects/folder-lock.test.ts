import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";
import { isRunning } from "./running-process.ts";

let root = "";
const children: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sotto-lock-"));
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

function freshFolder(): Promise<string> {
  return mkdtemp(join(root, "folder-"));
}

/** A process that does nothing until it is killed. */
async function idleProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1 << 30)"], { stdio: "ignore" });
  children.push(child);
  await new Promise((resolve) => child.once("spawn", resolve));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

const host = encodeURIComponent(hostname());

test("the lock of a running process is named, and that of a process that was killed is removed", async () => {
  const folder = await freshFolder();
  const child = await idleProcess();
  const name = `lock_${child.pid}_unknown_${host}_0123abcd`;
  await writeFile(join(folder, name), "");
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: "failed-precondition",
    message: `${folder} is held by process ${child.pid}: two clients never share a state directory; when that is no client that runs, remove ${join(folder, name)}`,
  });
  expect(await readdir(folder)).toEqual([name]);
  await kill(child);
  const lock = await lockFolder(folder);
  expect(await readdir(folder)).toEqual([expect.stringMatching(new RegExp(`^lock_${process.pid}_`))]);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test.runIf(process.platform === "linux")("a number that another process has by now does not hold a folder", async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, `lock_${process.pid}_1.0123456789ab_${host}_0123abcd`), "");
  const lock = await lockFolder(folder);
  await lock.release();
});

test("a lock of another host is never taken for a dead one's, and says which file to look at", async () => {
  const folder = await freshFolder();
  const name = "lock_1_unknown_ward-7.example_0123abcd";
  await writeFile(join(folder, name), "");
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: "failed-precondition",
    message: expect.stringContaining(
      `process 1 of host ward-7.example: two clients never share a state directory; when that is no client that runs`,
    ),
  });
});

test("a lock that this version did not write is never removed", async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, "lock_of_a_later_version"), "");
  await expect(lockFolder(folder)).rejects.toThrow(`${join(folder, "lock_of_a_later_version")} is not a lock that this version wrote`);
  expect(await readdir(folder)).toEqual(["lock_of_a_later_version"]);
});

test("of many that start together at most one holds the folder", async () => {
  for (let attempt = 0; attempt < 5; attempt++) {
    const folder = await freshFolder();
    const started = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const held = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(held.length).toBeLessThanOrEqual(1);
    for (const lock of held) await lock.release();
    await (await lockFolder(folder)).release();
  }
});

test.runIf(process.platform === "linux")("a process that ended and that nobody waited for does not run", async () => {
  // The child ends once a sleep has taken its parent's place: that never asks how it ended.
  const child = "while read -r name < /proc/$PPID/comm; [ $name != sleep ]; do :; done; echo $$";
  const parent = spawn("sh", ["-c", `sh -c '${child}' & exec sleep 60`], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(parent);
  const pid = Number(await new Promise((resolve) => parent.stdout.once("data", (chunk) => resolve(String(chunk).trim()))));
  while (await isRunning({ host, pid, start: null })); // a process counted as running for ever would never let this end
  expect(process.kill(pid, 0)).toBe(true);
  expect(await isRunning({ host, pid: parent.pid!, start: null })).toBe(true);
});
