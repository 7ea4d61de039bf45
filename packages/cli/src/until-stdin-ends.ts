import type { Readable } from "node:stream";

/**
 * A signal that aborts when `signal` does, or when standard input ends: then whoever started this process, holding the other end of its
 * pipe, is gone, however it went.
 */
export function untilStdinEnds(stdin: Readable, signal: AbortSignal): AbortSignal {
  const ended = new AbortController();
  for (const event of ["end", "close", "error"]) stdin.once(event, () => ended.abort());
  stdin.resume();
  return AbortSignal.any([signal, ended.signal]);
}
