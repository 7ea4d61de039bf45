/**
 * The chunks until there are no more or `signal` aborts, whichever comes first: a source that never gives its next chunk holds nobody.
 * Whether it was cut short, only the signal says.
 */
export async function* interruptible(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let isDone = false;
  try {
    while (!isDone && !signal.aborted) {
      const result = await nextUnlessAborted(source, signal);
      isDone = result?.done === true;
      if (result !== null && result.done !== true) yield result.value;
    }
  } finally {
    // Not awaited: the source may be the very thing that hangs.
    if (!isDone) source.return?.().then(undefined, () => undefined);
  }
}

/** Null when the signal aborts first. One listener a chunk, taken off again: racing against one promise would keep every chunk until the end. */
function nextUnlessAborted(source: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<IteratorResult<Uint8Array> | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    signal.addEventListener("abort", stop, { once: true });
    source
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}
