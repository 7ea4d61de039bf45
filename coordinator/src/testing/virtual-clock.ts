import { type Clock, FlError, type Instant, instant } from "@sotto/base";

interface Sleeper {
  readonly deadline: Instant;
  readonly wake: () => void;
}

/** Turns of the event loop after which everything that needs no time has been done. */
const settlingTurns = 5;

/** A clock that stands still until it is told to go on: then it jumps from one sleeper's deadline to the next. */
export class VirtualClock implements Clock {
  #now: Instant = instant(1_700_000_000_000);
  readonly #sleepers = new Set<Sleeper>();

  now(): Instant {
    return this.#now;
  }

  sleepUntil(deadline: Instant, signal?: AbortSignal): Promise<void> {
    if (deadline <= this.#now || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { deadline, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settlingTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Goes on until `isDone`, at most `limitMs`. @throws FlError `deadline-exceeded` when it is not done by then */
  async runUntil(isDone: () => boolean, limitMs: number): Promise<void> {
    const end = this.#now + limitMs;
    for (;;) {
      await this.settle();
      if (isDone()) return;
      const next = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.deadline));
      if (next > end) throw new FlError("deadline-exceeded", `not done after ${limitMs} ms of virtual time`);
      this.#jumpTo(instant(next));
    }
  }

  /** Goes on for exactly this long. */
  async run(durationMs: number): Promise<void> {
    const end = instant(this.#now + durationMs);
    let isOver = false;
    void this.sleepUntil(end).then(() => {
      isOver = true;
    });
    await this.runUntil(() => isOver, durationMs);
  }

  #jumpTo(at: Instant): void {
    this.#now = at;
    for (const sleeper of [...this.#sleepers]) if (sleeper.deadline <= at) sleeper.wake();
  }
}
