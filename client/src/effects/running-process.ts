import { readFile } from "node:fs/promises";
import { hostname } from "node:os";

/** A process as others can recognise it: its number alone is used again. */
export interface ProcessMark {
  /** The host's name, as a file name can hold it. */
  readonly host: string;
  readonly pid: number;
  /** When it began, in the system's own words; null where the system does not say. */
  readonly start: string | null;
}

/** This process. */
export async function ownProcess(): Promise<ProcessMark> {
  return { host: encodeURIComponent(hostname().slice(0, 64)), pid: process.pid, start: (await look(process.pid)).start };
}

/** Whether a process of this host still runs. In doubt it does. */
export async function isRunning({ pid, start }: ProcessMark): Promise<boolean> {
  if (!isThere(pid)) return false;
  const now = await look(pid);
  return now.isAlive && (start === null || now.start === null || now.start === start);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it runs, and is another user's.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

/** Linux tells each process's state and start, proc_pid_stat(5); ticks count from the boot, so that the boot is part of the start. */
async function look(pid: number): Promise<{ readonly isAlive: boolean; readonly start: string | null }> {
  const [stat, boot] = await Promise.all([textOf(`/proc/${pid}/stat`), textOf("/proc/sys/kernel/random/boot_id")]);
  if (stat === null || boot === null) return { isAlive: true, start: null };
  // The name before the last parenthesis may hold anything, spaces too.
  const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields[18];
  return { isAlive: !"ZXx".includes(state), start: ticks === undefined ? null : `${ticks}.${boot.replaceAll("-", "").slice(0, 12)}` };
}

/** Null where there is no such file, as on systems other than Linux. */
async function textOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}
