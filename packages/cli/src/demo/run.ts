import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, FlError } from "@sotto/base";
import { loadTable } from "@sotto/client";
import { type AdminFace, encodeTaskSpec, parsePlan, type TaskWatch } from "@sotto/protocol";
import { chunksOf, readBlob } from "@sotto/transport";
import { decodeModel, encodeModel } from "@sotto/vector";
import { withAdmin } from "../admin-session.ts";
import { type TaskModel, writeModel } from "../model-files.ts";
import { readOperatorConfig } from "../operator-config.ts";
import { createTaskView, statusText } from "../task-progress.ts";
import type { Progress, ProgressScreen } from "../terminal/progress.ts";
import { watchToEnd } from "../watch-task.ts";
import { measureBaselines } from "./baselines.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { outcomeOf } from "./outcome.ts";
import { type DemoOptions, type PreparedDemo, prepareDemo } from "./prepare.ts";
import { Processes } from "./processes.ts";
import { type DemoReport, reportJson } from "./report.ts";

/** What a demo runs with. */
export interface DemoRun {
  readonly options: DemoOptions;
  /** Path of this program: the coordinator and the clients are processes of it. */
  readonly program: string;
  readonly progress: Progress;
  readonly screen: ProgressScreen;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a federated training left. */
interface Trained {
  readonly watched: TaskWatch;
  readonly model: TaskModel;
}

/**
 * A whole federation on this machine: a coordinator process, a process a client, one task, its report. Nothing is left
 * running when it resolves or rejects.
 * @throws FlError `cancelled` when the signal aborts; what a process or the task failed of
 */
export async function runDemo(run: DemoRun): Promise<DemoReport> {
  const { progress, options } = run;
  progress.now("making keys, certificates and configurations");
  const demo = await prepareDemo(options, run.clock);
  progress.happened(`${demo.tables.title}: ${demo.tables.clients.length} clients, ${demo.spec.rounds} rounds, in ${demo.workspace.root}`);
  const { watched, model } = await trainFederated(run, demo);
  const files = [
    ...writeModel(model, { folder: demo.workspace.model, format: "tfjs" }),
    ...writeModel(model, { folder: demo.workspace.model, format: "safetensors" }),
  ];
  progress.now(`${files.length} model files written`);
  const report: DemoReport = {
    title: demo.tables.title,
    clients: demo.tables.clients.map(({ client }) => client),
    outcome: outcomeOf(watched.records),
    baseline: await compare(run, demo, model),
    backend: demo.backend.name,
    modelPath: demo.workspace.model,
  };
  writeFileSync(join(demo.workspace.root, "report.json"), `${JSON.stringify(reportJson(report), null, 2)}\n`);
  return report;
}

async function trainFederated(run: DemoRun, demo: PreparedDemo): Promise<Trained> {
  const processes = new Processes();
  try {
    const { program, progress, signal } = run;
    const fleet = await startFleet({ demo, processes, program, progress, signal });
    return await withFleet(fleet, () =>
      withAdmin(readOperatorConfig(fleet.operatorConfig), run.screen, (admin) => runTask(run, { admin, demo, fleet })),
    );
  } finally {
    await processes.close();
  }
}

/** Does `work`; when it fails because the fleet broke, what broke the fleet is what is thrown. */
async function withFleet<T>(fleet: Fleet, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    fleet.broken.throwIfAborted();
    throw thrown;
  } finally {
    fleet.letEnd();
  }
}

async function runTask(run: DemoRun, { admin, demo, fleet }: { admin: AdminFace; demo: PreparedDemo; fleet: Fleet }): Promise<Trained> {
  const { progress, clock } = run;
  const signal = AbortSignal.any([run.signal, fleet.broken]);
  const task = await admin.submitTask(encodeTaskSpec(demo.spec), chunksOf(encodeModel(demo.initial)));
  const show = createTaskView({ progress, rounds: demo.spec.rounds });
  const watched = await watchToEnd({
    admin,
    task,
    clock,
    signal,
    onRecord: ({ event }) => show(event),
    onAway: ({ message }) => progress.now(`the coordinator does not answer: ${message}`),
  });
  const { status } = watched.summary;
  if (status.kind !== "finished") throw new FlError("failed-precondition", `the demo's task ${statusText(status)}`);
  const { plan, round, blob } = await admin.model(task, signal);
  return { watched, model: { plan: parsePlan(plan), round, vector: decodeModel(await readBlob(blob)) } };
}

async function compare({ progress, signal }: DemoRun, demo: PreparedDemo, { plan }: TaskModel): Promise<DemoReport["baseline"]> {
  const tables = await Promise.all(demo.tables.clients.map(({ path }) => loadTable(path, demo.tables.schema)));
  return measureBaselines({
    backend: demo.backend,
    plan,
    initial: demo.initial,
    tables,
    rounds: demo.spec.rounds,
    signal,
    onBegin: (what) => progress.now(`for comparison: training with ${what}`),
  });
}
