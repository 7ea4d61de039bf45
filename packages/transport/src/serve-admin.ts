import { FlError, invariant, type TaskId } from "@sotto/base";
import type { AdminFace } from "@sotto/protocol";
import { adminMethods, limits, type ModelPart } from "@sotto/wire";
import { leave } from "./abort.ts";
import type { Service } from "./channel.ts";
import { answerDownload } from "./download.ts";
import { IncomingBlob } from "./incoming.ts";
import { answerUnary, readRequest } from "./messages.ts";

const { submitTask, listTasks, watchTask, stopTask, getModel } = adminMethods;

/** Answers one operator's calls by its face. */
export function serveAdmin(face: AdminFace): Service {
  return new Map([
    [
      submitTask.path,
      {
        kind: "client_streaming",
        answer: async (messages, signal) => submitTask.response.encode(await takeTask(face, messages, signal)),
      },
    ],
    answerUnary(listTasks, async (skip) => {
      const tasks = await face.listTasks();
      const end = skip + limits.tasksPerPageMax;
      return { tasks: tasks.slice(skip, end), more: end < tasks.length };
    }),
    answerUnary(watchTask, ({ task, afterRecord }, signal) => face.watchTask(task, afterRecord, signal)),
    answerUnary(stopTask, async (task) => {
      await face.stopTask(task);
      return null;
    }),
    answerDownload(getModel, async (task, signal) => {
      const { plan, round, blob } = await face.model(task, signal);
      const { digest, sizeBytes, chunks } = blob;
      const first: ModelPart = { kind: "header", header: { plan, round, blob: { digest, sizeBytes } } };
      return { first, chunks };
    }),
  ]);
}

async function takeTask(face: AdminFace, messages: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<TaskId> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    const part = readRequest(submitTask.request, first.done === true ? new Uint8Array() : first.value);
    if (part.kind !== "spec") throw new FlError("invalid-argument", `a ${part.kind} came before the specification`);
    const model = new IncomingBlob({ messages: iterator, decode: submitTask.request.decode, declared: null, signal });
    const task = await face.submitTask(part.spec, model);
    invariant(model.verdict.kind === "complete", "the initial model of a task came whole");
    return task;
  } finally {
    leave(iterator);
  }
}
