/**
 * The chunks until there are no more or `signal` aborts, whichever comes first: a source that never gives its next chunk holds nobody.
 * Whether it was cut short, only the signal says.
 */
export async function* interruptible(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  let isDone = false;
  try {
    while (!isDone && !signal.aborted) {
      const result = await Promise.race([source.next(), aborted]);
      isDone = result?.done === true;
      if (result !== null && result.done !== true) yield result.value;
    }
  } finally {
    // Not awaited: the source may be the very thing that hangs.
    if (!isDone) source.return?.().then(undefined, () => undefined);
  }
}
