import { FlError } from "@sotto/base";
import type { Remembered } from "../round/state.ts";
import type { MarksStore } from "./marks-store.ts";

/** A {@link MarksStore} for tests and simulations: it outlives a client that is run again, and no process. Begins with `kept`. */
export function memoryMarks(kept: Remembered | null = null): MarksStore {
  let last = kept;
  let isOpen = true;
  return {
    load: async () => last,
    async save(remembered) {
      if (!isOpen) throw new FlError("failed-precondition", "the marks are closed");
      last = remembered;
    },
    async close() {
      isOpen = false;
    },
  };
}
