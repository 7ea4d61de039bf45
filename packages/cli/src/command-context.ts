import type { Readable } from "node:stream";
import type { Clock } from "@sotto/base";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ExitName } from "./exit-code.ts";
import { createOutput, type Output, type OutputStream } from "./terminal/output.ts";
import { createProgress, type Progress, type ProgressScreen } from "./terminal/progress.ts";
import { untilStdinEnds } from "./until-stdin-ends.ts";

/** What every command gets: the world it talks to. */
export interface CommandContext {
  /** Path of this program's file, for the processes of it that a command starts. */
  readonly program: string;
  /** Read by no command; its end can mean that whoever started this process is gone. */
  readonly stdin: Readable;
  /** Results. */
  readonly stdout: OutputStream;
  /** Progress, logs and errors. */
  readonly stderr: ProgressScreen;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Ends the program with this code though nothing was thrown: the answer to what was asked is no. */
  endAs(exit: ExitName): void;
}

/** What `--json` is for every command that prints a result. */
export interface JsonOption {
  readonly json?: true;
}

/** Gives a command the option `--json`. */
export function withJson(command: Command): Command {
  return command.option("--json", "print the result as one JSON object, on the last line");
}

/** Where a command prints its result. */
export function outputOf(context: CommandContext, { json }: JsonOption): Output {
  return createOutput({ stream: context.stdout, isJson: json === true });
}

/** Where a command shows what it is doing. */
export function progressOf({ stderr, clock, environment }: CommandContext): Progress {
  return createProgress({ screen: stderr, clock, environment });
}

/** An option that takes a whole number within bounds. */
export function integerOption(flags: string, description: string, { min, max }: { readonly min: number; readonly max: number }): Option {
  return new Option(flags, `${description} (${min} to ${max})`).argParser((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  });
}

/** What a command that serves until it is stopped takes. */
export interface ServiceOptions extends JsonOption {
  readonly config: string;
  readonly untilStdinEnds?: true;
}

/** Gives a command the options of a service. */
export function withService(command: Command): Command {
  return command
    .requiredOption("--config <file>", "its YAML file")
    .option("--json", "say that it serves as one JSON object")
    .option("--until-stdin-ends", "stop when standard input ends: for a program that must leave nothing running");
}

/** Aborts when a service is to stop. */
export function stopSignalOf({ signal, stdin }: CommandContext, options: ServiceOptions): AbortSignal {
  return options.untilStdinEnds === true ? untilStdinEnds(stdin, signal) : signal;
}
