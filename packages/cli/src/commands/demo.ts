import type { Command } from "commander";
import { type CommandContext, integerOption, type JsonOption, outputOf, progressOf, withJson } from "../command-context.ts";

interface DemoCommandOptions extends JsonOption {
  readonly data?: string;
  readonly clients?: number;
  readonly rounds?: number;
  readonly seed: number;
  readonly output: string;
}

/** `sotto demo`: a whole federation on this machine, with its report. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("demo")
    .description("run a whole federation on this machine: a coordinator and clients as processes, one task, its report")
    .option("--data <folder>", "tables to train on: the processed files of the UCI Heart Disease data (default: synthetic hospitals)")
    .addOption(integerOption("--clients <count>", "synthetic hospitals, 4 if not given", { min: 3, max: 128 }))
    .addOption(integerOption("--rounds <count>", "training rounds, if not given as many as the tables need", { min: 1, max: 10_000 }))
    .addOption(integerOption("--seed <seed>", "of data, split and model; never of keys", { min: 0, max: 2 ** 32 - 1 }).default(1))
    .option("--output <folder>", "the working folder", "sotto-demo")
    .action((options: DemoCommandOptions) => demo(context, options));
  withJson(command);
}

async function demo(context: CommandContext, { data, clients, rounds, seed, output, json }: DemoCommandOptions): Promise<void> {
  const [{ runDemo }, { reportJson, reportText }] = await Promise.all([import("../demo/run.ts"), import("../demo/report.ts")]);
  const progress = progressOf(context);
  try {
    const report = await runDemo({
      options: { data: data ?? null, clients: clients ?? null, rounds: rounds ?? null, seed, output },
      program: context.program,
      progress,
      screen: context.stderr,
      clock: context.clock,
      signal: context.signal,
    });
    progress.close();
    outputOf(context, json === undefined ? {} : { json }).result({ text: reportText(report), json: reportJson(report) });
  } finally {
    progress.close();
  }
}
