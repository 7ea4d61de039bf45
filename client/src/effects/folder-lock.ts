import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FlError, toHex } from "@sotto/base";
import { randomRng } from "@sotto/crypto";
import { onDisk, removeFile } from "@sotto/storage";
import { isRunning, ownProcess, type ProcessMark } from "./running-process.ts";

/** A folder held by one process. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Holds a folder for this process alone, against processes of this host and of others. One that ended without a goodbye holds nothing:
 * its lock is removed.
 * @throws FlError `failed-precondition` naming the process that holds the folder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const own = await ownProcess();
  const name = nameOf(own, toHex(randomRng().bytes(4)));
  const file = join(folder, name);
  await onDisk(`write ${file}`, async () => (await open(file, "wx", 0o600)).close());
  try {
    // Everybody writes first and looks then: of two that start together at least one sees the other. No name is ever used twice, so
    // that removing a dead process's lock cannot remove a living one's.
    const others = (await onDisk(`read ${folder}`, () => readdir(folder))).filter((other) => isLock(other) && other !== name);
    for (const other of others) await clear({ folder, other, own });
  } catch (thrown) {
    await removeFile(file);
    throw thrown;
  }
  return { release: () => removeFile(file) };
}

/** Removes the lock of a process that ended. @throws FlError `failed-precondition` for any other */
async function clear({
  folder,
  other,
  own,
}: {
  readonly folder: string;
  readonly other: string;
  readonly own: ProcessMark;
}): Promise<void> {
  const file = join(folder, other);
  const holder = holderOf(other);
  if (holder === null) throw new FlError("failed-precondition", `${file} is not a lock that this version wrote`);
  const isElsewhere = holder.host !== own.host;
  if (isElsewhere || (await isRunning(holder))) {
    const who = `process ${holder.pid}${isElsewhere ? ` of host ${holder.host}` : ""}`;
    // Without its start nobody can tell a process from a later one of the same number.
    const advice = isElsewhere || holder.start === null ? `; when that is no client that runs, remove ${file}` : "";
    throw new FlError("failed-precondition", `${folder} is held by ${who}: two clients never share a state directory${advice}`);
  }
  await removeFile(file);
}

const prefix = "lock_";

function isLock(name: string): boolean {
  return name.startsWith(prefix);
}

function nameOf({ host, pid, start }: ProcessMark, suffix: string): string {
  return `${prefix}${pid}_${start ?? "unknown"}_${host}_${suffix}`;
}

function holderOf(name: string): ProcessMark | null {
  const [, pid, start, host] = /^lock_(\d{1,10})_([0-9a-f.]+|unknown)_(.*)_[0-9a-f]{8}$/.exec(name) ?? [];
  if (pid === undefined || start === undefined || host === undefined) return null;
  return { host, pid: Number(pid), start: start === "unknown" ? null : start };
}
