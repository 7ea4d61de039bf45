import { type Clock, type Instant, instant } from "@sotto/base";

/** The longest a Node timer waits, in milliseconds; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's clock: the real {@link Clock} of every process this program starts. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),

  async sleepUntil(deadline: Instant, signal?: AbortSignal): Promise<void> {
    // A timer may fire a little early and cannot wait for ever: so the time is looked at again.
    for (let leftMs = deadline - Date.now(); leftMs > 0 && signal?.aborted !== true; leftMs = deadline - Date.now()) {
      await wait(Math.min(leftMs, timerMsMax), signal);
    }
  },
};

function wait(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, durationMs).unref();
    signal?.addEventListener("abort", done, { once: true });
  });
}
