import { type Clock, FlError, type Instant, instant } from "@sotto/base";
import { testStart } from "./federation.ts";

/** Time for tests: it stands still until everything that can happen has happened, then jumps to the next deadline. */
export class VirtualClock implements Clock {
  #now: Instant = instant(testStart);
  readonly #sleepers = new Map<() => void, Instant>();

  now(): Instant {
    return this.#now;
  }

  sleepUntil(deadline: Instant, signal?: AbortSignal): Promise<void> {
    if (deadline <= this.#now || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#sleepers.set(wake, deadline);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** The result of `work`, with time running as fast as it can. @throws FlError `deadline-exceeded` after `limitMs` of virtual time */
  async run<T>(work: Promise<T>, limitMs = 3_600_000): Promise<T> {
    const end = this.#now + limitMs;
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined); // `settled` is awaited below: an early rejection must not count as unhandled
    for (;;) {
      await quiet();
      if (isDone) return settled;
      const next = Math.min(...this.#sleepers.values());
      if (!(next <= end)) throw new FlError("deadline-exceeded", `nothing settles within ${limitMs} ms of virtual time`);
      this.#now = instant(next);
      for (const [wake, deadline] of [...this.#sleepers]) if (deadline <= next) wake();
    }
  }
}

/** Turns of the event loop, until every promise that can settle without time has settled. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
