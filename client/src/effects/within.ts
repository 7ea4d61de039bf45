import { after, type Clock, FlError } from "@sotto/base";

/** How long a call may take, and what calls it off before. */
export interface CallLimit {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * The result of a call that is given up when it takes too long: its signal then aborts, and nobody waits for it further.
 * @throws FlError `deadline-exceeded` at the limit, `cancelled` when `signal` aborts, or what the call throws
 */
export async function within<T>({ clock, limitMs, signal }: CallLimit, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const timer = new AbortController();
  let giveUp: (error: FlError) => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  function end(error: FlError): void {
    giveUp(error);
    own.abort();
  }
  const onAbort = (): void => end(new FlError("cancelled", "the call was called off"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  clock.sleepUntil(after(clock.now(), limitMs), timer.signal).then(() => {
    if (!timer.signal.aborted) end(new FlError("deadline-exceeded", `the call took more than ${limitMs} ms`));
  }, end);
  try {
    return await Promise.race([givenUp, call(own.signal)]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    timer.abort();
  }
}
