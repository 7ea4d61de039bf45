import type { Clock, Instant } from "@sotto/base";

/** One timer that can be set anew: rings once at its instant. Owns a sleep of the clock; `close` ends it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onRing: () => void;
  #at: Instant | null = null;
  #sleep = new AbortController();

  constructor(alarm: { readonly clock: Clock; readonly onRing: () => void }) {
    this.#clock = alarm.clock;
    this.#onRing = alarm.onRing;
  }

  /** Rings at `at`, or not at all when null; what was set before is forgotten. */
  set(at: Instant | null): void {
    if (at === this.#at) return;
    this.#sleep.abort();
    this.#sleep = new AbortController();
    this.#at = at;
    if (at !== null) void this.#ringAt(at, this.#sleep.signal);
  }

  close(): void {
    this.set(null);
  }

  async #ringAt(at: Instant, signal: AbortSignal): Promise<void> {
    await this.#clock.sleepUntil(at, signal);
    if (signal.aborted) return;
    this.#at = null;
    this.#onRing();
  }
}
