#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { exitCodes } from "./exit-code.ts";
import { runProgram } from "./program.ts";
import { systemClock } from "./system-clock.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // The second time the user means it: nothing is waited for any more.
    if (stop.signal.aborted) process.exit(name === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted);
    stop.abort(name);
  });
}

// A clock's timers hold no process open, and a command may be waiting for nothing else.
const alive = setInterval(() => undefined, 60_000);
const { stdin, stdout, stderr, env } = process;
process.exitCode = await runProgram(process.argv.slice(2), {
  program: fileURLToPath(import.meta.url),
  stdin,
  stdout,
  stderr,
  environment: env,
  clock: systemClock,
  signal: stop.signal,
});
clearInterval(alive);
// A service may still be reading it, and an open standard input holds a process open.
stdin.destroy();
