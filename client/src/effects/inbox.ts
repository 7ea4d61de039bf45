import { invariant } from "@sotto/base";

/** Events in the order they happened, taken one at a time by the loop. */
export interface Inbox<T> {
  put(item: T): void;
  /** The oldest item, as soon as there is one. One taker at a time. @throws whatever {@link fail} was given */
  take(): Promise<T>;
  /** Makes every further take throw: for what the loop cannot go on after. */
  fail(reason: Error): void;
}

/** An inbox of at most `capacity` items: more waiting than all running effects can make is a bug. */
export function createInbox<T>(capacity: number): Inbox<T> {
  const items: T[] = [];
  let failure: Error | null = null;
  let wake: (() => void) | null = null;

  function wakeTaker(): void {
    wake?.();
    wake = null;
  }

  return {
    put(item) {
      invariant(items.length < capacity, `events waiting < ${capacity}`);
      items.push(item);
      wakeTaker();
    },
    async take() {
      while (items.length === 0 && failure === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== null) throw failure;
      const [first] = items.splice(0, 1);
      invariant(first !== undefined, "an inbox that woke its taker holds an item");
      return first;
    },
    fail(reason) {
      failure ??= reason;
      wakeTaker();
    },
  };
}
