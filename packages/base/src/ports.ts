import type { Instant } from "./time.ts";

/** A source of random bytes. Secret bytes come only from one made by `crypto`. */
export interface Rng {
  /** `length` fresh bytes; the caller owns them. */
  bytes(length: number): Uint8Array;
}

/** The time, from outside: real in production, virtual in simulations. */
export interface Clock {
  now(): Instant;
  /** Resolves at `deadline`, or as soon as `signal` aborts; never rejects. Holds no process open. */
  sleepUntil(deadline: Instant, signal?: AbortSignal): Promise<void>;
}

/** Structured fields of a log line. Never a key, seed, share, mask, weight or example. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[] | undefined>>;

/** Where a shell tells what it does. Pure code has none. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with `fields` on every line. */
  child(fields: LogFields): Logger;
}
