import { after, type FederationId, FlError, parseTaskId, type Rng, type TaskId, toHex } from "@sotto/base";
import { enrolledKeys, type Roster } from "@sotto/identity";
import { type AdminFace, parameterCount, parseTaskSpec } from "@sotto/protocol";
import { decodeModel } from "@sotto/vector";
import { gather, putBytes } from "../effects/blob-bytes.ts";
import type { Loop } from "../loop.ts";
import { recordsAfter } from "../task/log.ts";
import { assertDrawable, assertFeasible, clientsMinOf, plansOf } from "../task/plan.ts";
import type { TaskSetup, TaskState } from "../task/state.ts";
import { summaryOf } from "../task/summary.ts";
import { blobStream } from "./download.ts";
import { pollMs } from "./next.ts";

/** What the operators' endpoints work with. */
export interface AdminPorts {
  readonly loop: Loop;
  readonly federation: FederationId;
  readonly roster: Roster;
}

/** The coordinator as operators see it: every operator of the roster may do all of it. */
export function createAdmin(ports: AdminPorts): AdminFace {
  const { loop } = ports;
  return {
    submitTask: (spec, initialModel) => submitTask(ports, spec, initialModel),
    listTasks: async () => [...loop.tasks.values()].map(summaryOf),
    watchTask: (task, afterRecord, signal) => watchTask(loop, { task, afterRecord, signal }),
    stopTask: async (task) => {
      await loop.submit({ kind: "stop-task", task });
    },
    model: async (task, signal) => {
      const { setup, modelRound, modelDigest } = taskOf(loop, task);
      if (modelRound === 0) throw new FlError("failed-precondition", `task ${task} has not committed a round, so it has no model yet`);
      return { plan: setup.plans.train.bytes, round: modelRound, blob: await blobStream(loop, modelDigest, signal) };
    },
  };
}

async function submitTask(ports: AdminPorts, specBytes: Uint8Array, model: AsyncIterable<Uint8Array>): Promise<TaskId> {
  const { loop, federation, roster } = ports;
  const spec = parseTaskSpec(specBytes);
  assertFeasible(spec);
  assertDrawable(spec, roster.clients.length);
  const { clock, rng, blobs } = loop.ports;
  if (clock.now() >= roster.expiresAt) throw new FlError("failed-precondition", `roster version ${roster.version} has expired`);
  const modelSizeBytes = 4 * parameterCount(spec.model.layout);
  const bytes = await gather(model, modelSizeBytes);
  decodeModel(bytes);
  const task = taskIdFor(spec.name, rng);
  const setup: TaskSetup = {
    task,
    spec,
    federation,
    rosterDigest: roster.digest,
    enrolled: enrolledKeys(roster),
    roster: roster.clients.map(({ id }) => id),
    clientsMin: clientsMinOf(spec),
    modelSizeBytes,
    plans: plansOf(spec, task),
  };
  await loop.submit({ kind: "submit-task", setup, modelDigest: await putBytes(blobs, bytes) });
  return task;
}

async function watchTask(
  loop: Loop,
  watch: { readonly task: TaskId; readonly afterRecord: number; readonly signal: AbortSignal },
): ReturnType<AdminFace["watchTask"]> {
  const { clock } = loop.ports;
  const until = after(clock.now(), pollMs);
  for (;;) {
    const records = recordsAfter(loop.performer.logOf(watch.task), watch.afterRecord);
    const isOver = records.length > 0 || watch.signal.aborted || clock.now() >= until;
    if (isOver) return { summary: summaryOf(taskOf(loop, watch.task)), records };
    loop.assertOpen();
    await loop.performer.watchers.heard(watch.task, { clock, until, signal: watch.signal });
  }
}

function taskOf(loop: Loop, task: TaskId): TaskState {
  const state = loop.tasks.get(task);
  if (state === undefined) throw new FlError("not-found", `task ${task} is not known`);
  return state;
}

/** The name as far as an id allows, and random digits: `heart-risk.3fa94c01`. */
function taskIdFor(name: string, rng: Rng): TaskId {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return parseTaskId(`${readable === "" ? "task" : readable}.${toHex(rng.bytes(4))}`);
}
