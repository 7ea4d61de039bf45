import { setImmediate } from "node:timers/promises";

/**
 * Lets the event loop turn between pieces of long work, so that a long poll stays alive: call the result between pieces and
 * wait for what it answers. It answers at once unless `everyMs` have passed since it last let go.
 */
export function turnEvery(everyMs: number): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < everyMs) return;
    await setImmediate();
    last = performance.now();
  };
}
