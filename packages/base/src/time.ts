import type { Brand } from "./brand.ts";

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. Deadlines are stored as these, so a restart can re-arm them. */
export type Instant = Brand<number, "Instant">;

/** Milliseconds since the epoch as an {@link Instant}. */
export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

/** The instant `durationMs` after `start`. */
export function after(start: Instant, durationMs: number): Instant {
  return (start + durationMs) as Instant;
}
