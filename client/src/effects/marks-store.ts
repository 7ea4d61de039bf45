import type { Remembered } from "../round/state.ts";

/** Where a client keeps what it must never forget. One holder at a time; nothing in it is secret. */
export interface MarksStore {
  /** What was saved last, also by an earlier process of this client; null before the first. */
  load(): Promise<Remembered | null>;
  /**
   * Resolves once `remembered` outlives the process and the machine. One call at a time.
   * @throws FlError when that is not certain, `failed-precondition` once closed
   */
  save(remembered: Remembered): Promise<void>;
  /** Lets another one hold the place. */
  close(): Promise<void>;
}
