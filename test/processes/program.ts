import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The `sotto` program as it is built: run by `node`. Seen from this file both in its sources and in its build. */
export const programPath: string = join(rootOf(dirname(fileURLToPath(import.meta.url))), "packages", "cli", "dist", "main.js");

/** What a command that ended left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `sotto` with these words to its end. */
export function sotto(words: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  const child = spawn(process.execPath, [programPath, ...words], { stdio: ["ignore", "pipe", "pipe"], ...options });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
  });
}

/** The one object on the last line that `--json` promises. */
export function lastLine(text: string): Record<string, unknown> {
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

/** A `sotto` service that runs, with every line it logged so far. */
export class Service {
  readonly name: string;
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #ended: Promise<void>;

  constructor(name: string, words: readonly string[]) {
    this.name = name;
    this.child = spawn(process.execPath, [programPath, ...words], { stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = new Promise((resolve) => this.child.once("close", () => resolve()));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => this.#hear(line));
    }
  }

  /** The first line, past or to come, that `matches`; rejects when the service ends without one. */
  line(matches: (line: string) => boolean): Promise<string> {
    const heard = this.lines.find(matches);
    return heard === undefined ? this.nextLine(matches) : Promise.resolve(heard);
  }

  /** The first line from now on that `matches`; rejects when the service ends without one. */
  nextLine(matches: (line: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const listener = (line: string): void => {
        if (!matches(line)) return;
        this.#listeners.delete(listener);
        resolve(line);
      };
      this.#listeners.add(listener);
      void this.#ended.then(() => reject(new Error(`${this.name} ended without that line; it said\n${this.lines.slice(-8).join("\n")}`)));
    });
  }

  /** Ends it without a goodbye. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** Asks it to stop and waits until it is gone. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.#ended;
  }

  #hear(line: string): void {
    this.lines.push(line);
    for (const listener of [...this.#listeners]) listener(line);
  }
}

function rootOf(folder: string): string {
  return folder.replace(/[\\/]test([\\/]dist)?[\\/]processes$/, "");
}
