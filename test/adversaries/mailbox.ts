import { FlError } from "@sotto/base";

/** What waits for one client, in order. */
export interface Mailbox<T> {
  put(item: T): void;
  /** The oldest item, as soon as there is one. @throws FlError `cancelled` when the signal aborts first */
  take(signal: AbortSignal): Promise<T>;
}

/** An empty mailbox. One taker at a time. */
export function createMailbox<T>(): Mailbox<T> {
  const items: T[] = [];
  let wake: (() => void) | null = null;
  return {
    put(item) {
      items.push(item);
      wake?.();
    },
    async take(signal) {
      while (items.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      const [first] = items.splice(0, signal.aborted ? 0 : 1);
      if (first === undefined) throw new FlError("cancelled", "the call was called off");
      return first;
    },
  };
}
