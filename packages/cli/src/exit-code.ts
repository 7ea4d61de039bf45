import type { FlErrorCode } from "@sotto/base";

/** What the program's exit code says. Stable: scripts depend on them. The same table is in docs/exit-codes.md. Node itself ends with some below 20. */
export const exitCodes = {
  /** What was asked for is done. */
  done: 0,
  /** A bug, or a failure nobody foresaw. */
  internal: 1,
  /** The command line itself: an unknown command, a missing or malformed option. */
  usage: 2,
  /** A file or value that was read is wrong: configuration, task, roster, table, evidence. */
  "invalid-argument": 20,
  /** A file, task or model that is not there. */
  "not-found": 21,
  /** It is there already: a folder that is not the demo's, files of a federation. */
  "already-exists": 22,
  /** Nothing wrong with the request, but not in this state: no model yet, no backend, too few clients. */
  "failed-precondition": 23,
  /** The other side does not let this caller in, or the system this user. */
  "permission-denied": 24,
  /** The coordinator, or the network, does not answer. */
  unavailable: 25,
  /** Memory, disk, sizes: over a bound. */
  "resource-exhausted": 26,
  /** Stored bytes are damaged. */
  "data-loss": 27,
  /** This version cannot do that. */
  unimplemented: 28,
  /** The task ended without its model: it failed, or was stopped. */
  "task-failed": 29,
  /** `sotto doctor` found something that keeps Sotto from working here. */
  unfit: 30,
  /** What `sotto evidence verify` was given convicts nobody. */
  unproven: 31,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
  /** Stopped by SIGTERM. */
  terminated: 143,
} as const;

/** The name of an exit code. */
export type ExitName = keyof typeof exitCodes;

/** The exit code for an error of this code. */
export function exitCodeOf(code: FlErrorCode): number {
  return exitCodes[exitNames[code]];
}

const exitNames: Readonly<Record<FlErrorCode, ExitName>> = {
  "invalid-argument": "invalid-argument",
  "failed-precondition": "failed-precondition",
  "not-found": "not-found",
  "already-exists": "already-exists",
  "permission-denied": "permission-denied",
  unauthenticated: "permission-denied",
  "resource-exhausted": "resource-exhausted",
  unavailable: "unavailable",
  "deadline-exceeded": "unavailable",
  aborted: "internal",
  cancelled: "interrupted",
  "data-loss": "data-loss",
  unimplemented: "unimplemented",
  internal: "internal",
};
