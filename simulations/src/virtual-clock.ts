import { type Clock, FlError, type Instant, instant, invariant } from "@sotto/base";

interface Sleeper {
  readonly deadline: Instant;
  readonly wake: () => void;
}

/**
 * Time that moves only when nothing else can happen: when every promise that could be settled without waiting is settled,
 * the clock jumps to the next deadline somebody sleeps until. A run takes as long as its computing, and one seed gives one run.
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

  /**
   * Runs the world until `work` settles, jumping from deadline to deadline, and gives back its result.
   * @throws FlError `deadline-exceeded` when `untilMs` of virtual time pass first, `internal` when nothing can ever happen again
   */
  async run<T>(work: Promise<T>, { untilMs }: { readonly untilMs: number }): Promise<T> {
    const end = this.#now + untilMs;
    let settled = false;
    const finished = work.finally(() => {
      settled = true;
    });
    finished.catch(() => undefined); // the caller awaits `finished`: this only keeps an early rejection from being unhandled
    while (true) {
      await quiescence();
      if (settled) return finished;
      if (this.#sleepers.size === 0)
        throw new FlError("internal", "the simulated world stands still: nobody sleeps and nothing is under way");
      this.#advance();
      if (this.#now > end) throw new FlError("deadline-exceeded", `the simulated world ran past ${untilMs} ms of virtual time`);
    }
  }

  #advance(): void {
    const next = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.deadline));
    invariant(Number.isFinite(next), "a sleeper has a deadline");
    this.#now = instant(Math.max(next, this.#now));
    for (const sleeper of [...this.#sleepers]) if (sleeper.deadline <= this.#now) sleeper.wake();
  }
}

/** A few turns of the event loop: each runs every settled promise's continuation, and streams take a turn or two to hand on. */
async function quiescence(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
