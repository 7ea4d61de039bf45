import type { Clock, Instant } from "@sotto/base";

/** Wakes calls that wait for something to change: those of one key, or all. */
export class Bell<Key> {
  readonly #waiting = new Map<Key, Set<() => void>>();

  /** Resolves when the bell of `key` rings, at `until`, or when `signal` aborts. */
  async heard(key: Key, wait: { readonly clock: Clock; readonly until: Instant; readonly signal: AbortSignal }): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([wait.signal, over.signal]);
    const ring = (): void => over.abort();
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(ring));
    await wait.clock.sleepUntil(wait.until, signal);
    waiting.delete(ring);
    if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
  }

  ring(key: Key): void {
    for (const ring of this.#waiting.get(key) ?? []) ring();
  }

  ringAll(): void {
    for (const waiting of this.#waiting.values()) for (const ring of waiting) ring();
  }
}
