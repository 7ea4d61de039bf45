import { FlError } from "@sotto/base";
import type { Answer } from "@sotto/protocol";
import { uploadRetryAfterMs } from "./timeouts.ts";

/** An upload that has a slot; `signal` aborts when a newer upload of the same caller takes it over. */
export type SlottedUpload = (signal: AbortSignal) => Promise<Answer>;

/**
 * The uploads that may run at once, each of which holds a staging buffer: they bound the coordinator's memory, and cost no
 * time, since the core is busy anyway (PLATFORM 2). A caller has one at most: after a broken connection its new upload ends
 * the old one rather than wait for the server to notice.
 */
export interface UploadSlots {
  /** Runs `upload` in a slot, or answers `not-now`. The slot is free again only when `upload` has settled. */
  run(caller: string, upload: SlottedUpload): Promise<Answer>;
}

/** Slots for `count` uploads. */
export function createUploadSlots(count: number): UploadSlots {
  const running = new Map<string, { readonly controller: AbortController; readonly settled: Promise<unknown> }>();

  async function run(caller: string, upload: SlottedUpload): Promise<Answer> {
    // Ends: each pass ends one upload, and a connection carries a bounded number of calls.
    for (let older = running.get(caller); older !== undefined; older = running.get(caller)) {
      older.controller.abort(new FlError("aborted", "a newer upload of the same client took this one's place"));
      await older.settled;
    }
    if (running.size >= count) return { kind: "not-now", retryAfterMs: uploadRetryAfterMs };
    const controller = new AbortController();
    const answer = upload(controller.signal).finally(() => running.delete(caller));
    running.set(caller, { controller, settled: answer.then(undefined, () => undefined) });
    return answer;
  }

  return { run };
}
