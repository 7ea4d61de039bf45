import { after, type Clock, FlError, type TaskId } from "@sotto/base";
import type { AdminFace, TaskRecord, TaskSummary, TaskWatch } from "@sotto/protocol";
import { isOver } from "./task-progress.ts";

/** Waits for a coordinator that is away, one after another: together about two minutes, enough for a restart. */
const retriesMax = 60;
const retryMs = 2000;
/** Pause after an answer without news: an answer that comes early must not become a flood of questions. */
const pauseMs = 500;

/** What {@link watchToEnd} watches and how. */
export interface Watching {
  readonly admin: Pick<AdminFace, "watchTask">;
  readonly task: TaskId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for every record, in order, once. */
  readonly onRecord: (record: TaskRecord, summary: TaskSummary) => void;
  /** Called when the coordinator does not answer and is asked again. */
  readonly onAway: (error: FlError) => void;
}

/**
 * Follows a task from its first record until it is over; answers its summary and all records. A coordinator that answered
 * and then is away is waited for, about two minutes.
 * @throws FlError `cancelled` when the signal aborts; what the coordinator throws, `unavailable` after the last try
 */
export async function watchToEnd(watching: Watching): Promise<TaskWatch> {
  const records: TaskRecord[] = [];
  // Only a coordinator that answered once is waited for: one that never did is more likely a wrong address.
  for (let retries = retriesMax; ; ) {
    if (watching.signal.aborted) throw stopped(watching);
    const page = await nextPage(watching, records.at(-1)?.record ?? 0, retries < retriesMax);
    if (page === null) {
      retries++;
      await watching.clock.sleepUntil(after(watching.clock.now(), retryMs), watching.signal);
      continue;
    }
    retries = 0;
    for (const record of page.records) watching.onRecord(record, page.summary);
    records.push(...page.records);
    if (isComplete(page)) return { summary: page.summary, records };
    if (page.records.length === 0) await watching.clock.sleepUntil(after(watching.clock.now(), pauseMs), watching.signal);
  }
}

/** Null when the coordinator is away and may be asked again. */
async function nextPage(watching: Watching, afterRecord: number, mayRetry: boolean): Promise<TaskWatch | null> {
  try {
    return await watching.admin.watchTask(watching.task, afterRecord, watching.signal);
  } catch (thrown) {
    if (watching.signal.aborted) throw stopped(watching, thrown);
    if (!(thrown instanceof FlError) || thrown.code !== "unavailable" || !mayRetry) throw thrown;
    watching.onAway(thrown);
    return null;
  }
}

function stopped({ task }: Watching, cause?: unknown): FlError {
  return new FlError("cancelled", `stopped watching task ${task}, which goes on`, { cause });
}

/** The last record of a task says that it is over; a page may end before it. */
function isComplete({ summary, records }: TaskWatch): boolean {
  if (!isOver(summary.status)) return false;
  const last = records.at(-1)?.event;
  return last === undefined || (last.kind === "status" && isOver(last.status));
}
