import { FlError } from "./errors.ts";
import type { Clock } from "./ports.ts";
import { type Instant, instant } from "./time.ts";

interface Sleeper {
  readonly deadline: Instant;
  readonly wake: () => void;
}

/** Turns of the event loop after which everything that needs no time has happened: streams take a turn or two to hand on. */
const settlingTurns = 5;

/** Virtual time that a run may take unless it says otherwise: one hour. */
const limitMsDefault = 3_600_000;

/**
 * Time that moves only when nothing else can happen: when every promise that could be settled without waiting is settled,
 * the clock jumps to the next deadline somebody sleeps until. A run takes as long as its computing, and one seed gives one run.
 * For simulations and tests; it knows nothing of sockets and disks.
 */
export class VirtualClock implements Clock {
  #now: Instant;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: Instant = instant(Date.UTC(2026, 0, 1))) {
    this.#now = start;
  }

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
      const sleeper: Sleeper = { deadline, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settlingTurns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /**
   * Jumps from deadline to deadline until `work` settles, and gives back its result.
   * @throws FlError `deadline-exceeded` after `limitMs` of virtual time, `internal` when nobody sleeps and nothing is under way
   */
  async run<T>(work: Promise<T>, limitMs: number = limitMsDefault): Promise<T> {
    let isSettled = false;
    const finished = work.finally(() => {
      isSettled = true;
    });
    finished.catch(() => undefined); // the caller awaits `finished`: an early rejection must not count as unhandled
    await this.runUntil(() => isSettled, limitMs);
    return finished;
  }

  /** Jumps from deadline to deadline until `isDone`. @throws FlError as {@link run} */
  async runUntil(isDone: () => boolean, limitMs: number = limitMsDefault): Promise<void> {
    const end = this.#now + limitMs;
    while (true) {
      await this.settle();
      if (isDone()) return;
      const next = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.deadline));
      if (next === Number.POSITIVE_INFINITY)
        throw new FlError("internal", "virtual time stands still: nobody sleeps and nothing is under way");
      if (next > end) throw new FlError("deadline-exceeded", `not done after ${limitMs} ms of virtual time`);
      this.#jumpTo(instant(next));
    }
  }

  /** Lets exactly this much time pass. */
  async runFor(durationMs: number): Promise<void> {
    await this.run(this.sleepUntil(instant(this.#now + durationMs)), durationMs);
  }

  #jumpTo(at: Instant): void {
    this.#now = at;
    for (const sleeper of [...this.#sleepers]) if (sleeper.deadline <= at) sleeper.wake();
  }
}
