import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { FlError, invariant } from "@sotto/base";
import { parseReady, type Ready } from "../ready-line.ts";

/** A process to start. */
export interface ProcessOrder {
  /** For people: `coordinator`, `client va`. */
  readonly name: string;
  /** Arguments of this same Node. The process must print the line of a {@link Ready}, and end when its standard input does. */
  readonly args: readonly string[];
  /** Gets its standard error. */
  readonly logFile: string;
}

/** How a process ended: its exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

/** A process that serves. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly ready: Ready;
  /** Resolves when it ends, for whatever reason. */
  readonly ended: Promise<Ending>;
}

const readyMs = 60_000;
const graceMs = 10_000;
const shownLines = 5;

/**
 * The processes of a demo. They end with it: at `close`; and, should this process die without a chance to close, because
 * their standard input ends then.
 */
export class Processes {
  readonly #running = new Map<ChildProcess, Promise<Ending>>();
  readonly #killAll: () => void;

  constructor() {
    this.#killAll = () => {
      for (const child of this.#running.keys()) child.kill("SIGKILL");
    };
    process.once("exit", this.#killAll);
  }

  /**
   * Starts one and waits until it is ready.
   * @throws FlError `failed-precondition` when it ends before, with the end of its log; `deadline-exceeded` after a minute;
   * `cancelled` when `signal` aborts
   */
  async start(order: ProcessOrder, signal: AbortSignal): Promise<RunningProcess> {
    const log = openSync(order.logFile, "a", 0o600);
    const child = spawn(process.execPath, order.args, { stdio: ["pipe", "pipe", log] });
    closeSync(log);
    const ended = endOf(child);
    this.#running.set(child, ended);
    void ended.then(() => this.#running.delete(child));
    const ready = parseReady(await firstLine(child, order, signal));
    invariant(child.pid !== undefined, "a process that said it is ready has an id");
    return { name: order.name, pid: child.pid, logFile: order.logFile, ready, ended };
  }

  /** Asks all to stop, gives them 10 s, then makes them. Resolves when none is left. */
  async close(): Promise<void> {
    for (const child of this.#running.keys()) child.kill("SIGTERM");
    const timer = setTimeout(this.#killAll, graceMs);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
    process.off("exit", this.#killAll);
  }
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
    // A process that could not even be started never exits.
    child.once("error", () => resolve(child.exitCode ?? 1));
  });
}

function firstLine(child: ChildProcess, order: ProcessOrder, signal: AbortSignal): Promise<string> {
  const { stdout } = child;
  invariant(stdout !== null, "a demo process has its standard output piped");
  return new Promise((resolve, reject) => {
    const fail = (error: FlError): void => {
      clearTimeout(timer);
      reject(error);
    };
    const stopped = (): void => fail(new FlError("cancelled", `stopped while waiting for ${order.name}`));
    const timer = setTimeout(() => {
      fail(new FlError("deadline-exceeded", `${order.name} was not ready after ${readyMs / 1000} s; its log is ${order.logFile}`));
    }, readyMs);
    // The interface goes on reading what follows the line, so that the process never blocks on a full pipe.
    createInterface({ input: stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(line);
    });
    void endOf(child).then((ending) => {
      const end = logEnd(order.logFile);
      fail(new FlError("failed-precondition", `${order.name} ended with ${ending} before it was ready; its log ends\n${end}`));
    });
    if (signal.aborted) stopped();
    signal.addEventListener("abort", stopped, { once: true });
  });
}

function logEnd(file: string): string {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(-shownLines);
  return lines.map((line) => `  ${line.slice(0, 400)}`).join("\n");
}
