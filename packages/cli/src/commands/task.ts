import { parseTaskId, type TaskId } from "@sotto/base";
import type { AdminFace, TaskSummary, TaskWatch } from "@sotto/protocol";
import type { Json } from "@sotto/schema";
import type { Command } from "commander";
import { withAdmin } from "../admin-session.ts";
import { type CommandContext, integerOption, type JsonOption, outputOf, progressOf, withJson } from "../command-context.ts";
import { readOperatorConfig } from "../operator-config.ts";
import { readBytes, readText } from "../read-file.ts";
import { createTaskView, metricsText, statusText } from "../task-progress.ts";
import { watchToEnd } from "../watch-task.ts";

interface OperatorOptions extends JsonOption {
  readonly config: string;
}

interface SubmitOptions extends OperatorOptions {
  readonly task: string;
  readonly initial?: string;
  readonly seed: number;
  readonly watch?: true;
}

/** `sotto task`: submit, list, watch and stop tasks. */
export function addTaskCommands(program: Command, context: CommandContext): void {
  const task = program.command("task").description("submit, list, watch and stop tasks");
  const add = (name: string, description: string): Command =>
    withJson(task.command(name).description(description).requiredOption("--config <file>", "the operator's YAML file"));
  add("submit", "submit a task")
    .requiredOption("--task <file>", "the task: YAML or JSON; without model.layout it is derived from model.topology")
    .option("--initial <file>", "safetensors file of the model to begin with; else a fresh one")
    .addOption(integerOption("--seed <seed>", "of a fresh model", { min: 0, max: 2 ** 32 - 1 }).default(1))
    .option("--watch", "watch it until it is over")
    .action((options: SubmitOptions) => submit(context, options));
  add("list", "list the tasks").action((options: OperatorOptions) => list(context, options));
  add("watch <task>", "watch a task until it is over").action((task: string, options: OperatorOptions) =>
    withOperator(context, options, (admin) => watch({ context, options, admin, task: parseTaskId(task) })),
  );
  add("stop <task>", "stop a task after the round it is in").action((task: string, options: OperatorOptions) =>
    stop(context, options, task),
  );
}

async function submit(context: CommandContext, options: SubmitOptions): Promise<void> {
  const { readTask } = await import("../task-file.ts");
  const [{ chunksOf }, { encodeModel }] = await Promise.all([import("@sotto/transport"), import("@sotto/vector")]);
  const initial = options.initial === undefined ? null : readBytes(options.initial);
  const { spec, model } = await readTask({ text: readText(options.task), file: options.task, initial, seed: options.seed });
  await withOperator(context, options, async (admin) => {
    const task = await admin.submitTask(spec, chunksOf(encodeModel(model)));
    if (options.watch === true) {
      progressOf(context).happened(`task ${task} submitted`);
      return watch({ context, options, admin, task });
    }
    outputOf(context, options).result({ text: [`task ${task} submitted`], json: { task } });
  });
}

async function list(context: CommandContext, options: OperatorOptions): Promise<void> {
  const tasks = await withOperator(context, options, (admin) => admin.listTasks());
  const text = tasks.map(
    (task) => `${task.task}  ${task.name}  ${task.roundsCommitted} of ${task.rounds} rounds  ${statusText(task.status)}`,
  );
  outputOf(context, options).result({ text: text.length > 0 ? text : ["no tasks"], json: { tasks: tasks.map(summaryJson) } });
}

async function stop(context: CommandContext, options: OperatorOptions, name: string): Promise<void> {
  const task = parseTaskId(name);
  await withOperator(context, options, (admin) => admin.stopTask(task));
  outputOf(context, options).result({ text: [`task ${task} is asked to stop`], json: { task } });
}

async function watch(of: { context: CommandContext; options: OperatorOptions; admin: AdminFace; task: TaskId }): Promise<void> {
  const { context, options, admin, task } = of;
  const progress = progressOf(context);
  let show: ReturnType<typeof createTaskView> | null = null;
  try {
    const watched = await watchToEnd({
      admin,
      task,
      clock: context.clock,
      signal: context.signal,
      onRecord: ({ event }, { rounds }) => {
        show ??= createTaskView({ progress, rounds });
        show(event);
      },
      onAway: ({ message }) => progress.now(`the coordinator does not answer: ${message}`),
    });
    progress.close();
    printWatched(context, options, watched);
  } finally {
    progress.close();
  }
}

function printWatched(context: CommandContext, options: OperatorOptions, { summary, records }: TaskWatch): void {
  const committed = records.flatMap(({ event }) => (event.kind === "committed" ? [event.record] : []));
  const metrics = committed.findLast((report) => report.purpose === "evaluate")?.metrics ?? null;
  outputOf(context, options).result({
    text: [
      `${summary.task}: ${statusText(summary.status)}, ${summary.roundsCommitted} of ${summary.rounds} rounds, ${metricsText(metrics)}`,
    ],
    json: { ...summaryJson(summary), metrics: metrics === null ? null : { ...metrics } },
  });
  if (summary.status.kind !== "finished") context.endAs("task-failed");
}

function summaryJson({ task, name, status, roundsCommitted, rounds }: TaskSummary): { readonly [key: string]: Json } {
  return { task, name, status: { ...status }, roundsCommitted, rounds };
}

function withOperator<T>(context: CommandContext, options: OperatorOptions, work: (admin: AdminFace) => Promise<T>): Promise<T> {
  return withAdmin(readOperatorConfig(options.config), context.stderr, work);
}
