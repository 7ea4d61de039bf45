import { FlError } from "@sotto/base";
import type { AdminFace, TaskSummary } from "@sotto/protocol";
import { adminMethods, limits, type ModelHeader, type TaskPart } from "@sotto/wire";
import type { Channel } from "./channel.ts";
import { openDownload } from "./download.ts";
import { callUnary, encoded, readResponse } from "./messages.ts";
import { toSummarisedChunks } from "./outgoing.ts";
import { timeouts } from "./timeouts.ts";

const { submitTask, listTasks, watchTask, stopTask, getModel } = adminMethods;

/** The coordinator at the other end of a channel, as an operator sees it. */
export function adminOver(channel: Channel): AdminFace {
  return {
    submitTask: async (spec, initialModel) => {
      const messages = encoded(submitTask.request, taskParts(spec, initialModel));
      const bytes = await channel.clientStreaming(submitTask.path, messages, { timeoutMs: timeouts.transferMs });
      return readResponse(submitTask.response, bytes);
    },
    listTasks: () => allTasks(channel),
    watchTask: (task, afterRecord, signal) => callUnary(channel, watchTask, { task, afterRecord }, { signal, timeoutMs: timeouts.pollMs }),
    stopTask: async (task) => {
      await callUnary(channel, stopTask, task, { timeoutMs: timeouts.callMs });
    },
    model: async (task, signal) => {
      const { plan, round, stream } = await openDownload(channel, { method: getModel, request: task, signal }, (part): ModelHeader => {
        if (part.kind === "chunk") throw new FlError("data-loss", "the coordinator sent a chunk before the header");
        return part.header;
      });
      return { plan, round, blob: stream };
    },
  };
}

async function* taskParts(spec: Uint8Array, initialModel: AsyncIterable<Uint8Array>): AsyncGenerator<TaskPart, void, undefined> {
  yield { kind: "spec", spec };
  yield* toSummarisedChunks(initialModel);
}

async function allTasks(channel: Channel): Promise<readonly TaskSummary[]> {
  const tasks: TaskSummary[] = [];
  for (let more = true; more && tasks.length < limits.tasksMax; ) {
    const page = await callUnary(channel, listTasks, tasks.length, { timeoutMs: timeouts.callMs });
    tasks.push(...page.tasks);
    // A page that is empty and promises more would be asked for again without end.
    more = page.more && page.tasks.length > 0;
  }
  return tasks;
}
