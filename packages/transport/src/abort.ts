import { FlError } from "@sotto/base";

/** What an aborted signal means: its reason when that is an `FlError`, else `cancelled`. */
export function abortError(signal: AbortSignal): FlError {
  return signal.reason instanceof FlError ? signal.reason : new FlError("cancelled", "the call was cancelled", { cause: signal.reason });
}

/** Calls `listener` once when `signal` aborts, at once when it has. Gives back how to stop listening. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/** `promise`, or a rejection with {@link abortError} as soon as `signal` aborts. Leaves no listener behind. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = onAbort(signal, () => reject(abortError(signal)));
    promise.then(resolve, reject).finally(unlisten);
  });
}

/**
 * The items of `source` until `signal` aborts: then it throws {@link abortError}, even in the middle of a step that would
 * never end. However it ends, `source` is closed.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await orAborted(iterator.next(), signal);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    leave(iterator);
  }
}

/**
 * Closes what is not read on, and does not wait for that: it may be in the middle of a step that never ends, and how the
 * closing goes concerns nobody any more.
 */
export function leave(iterator: AsyncIterator<unknown>): void {
  iterator.return?.().then(undefined, () => undefined);
}
