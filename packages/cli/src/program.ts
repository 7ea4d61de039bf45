import { type FlError, toFlError } from "@sotto/base";
import { Command, CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { addClientCommands } from "./commands/client.ts";
import { addCoordinatorCommands } from "./commands/coordinator.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEvidenceCommands } from "./commands/evidence.ts";
import { addFederationCommands } from "./commands/federation.ts";
import { addModelCommands } from "./commands/model.ts";
import { addTaskCommands } from "./commands/task.ts";
import { type ExitName, exitCodeOf, exitCodes } from "./exit-code.ts";
import { createOutput, errorJson } from "./terminal/output.ts";
import { ownVersion } from "./version.ts";

/** What a program run needs; how it ends is its result. */
export type ProgramContext = Omit<CommandContext, "endAs">;

/** Runs the program with arguments (without Node and file) and answers its exit code. Never throws: an error is told, and is a code. */
export async function runProgram(args: readonly string[], context: ProgramContext): Promise<number> {
  let exit: ExitName = "done";
  const endAs = (name: ExitName): void => {
    exit = name;
  };
  try {
    await createProgram({ ...context, endAs }).parseAsync([...args], { from: "user" });
    return exitCodes[exit];
  } catch (thrown) {
    // Commander has said what is wrong, or shown the help that was asked for.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return tell(toFlError(thrown), args, context);
  }
}

/** The program without a run: its commands, for help and tests. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("sotto");
  program
    .description("federated learning in which no one's update is ever heard alone")
    .version(ownVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) })
    .showHelpAfterError("(see --help)");
  addDemoCommand(program, context);
  addCoordinatorCommands(program, context);
  addClientCommands(program, context);
  addTaskCommands(program, context);
  addModelCommands(program, context);
  addFederationCommands(program, context);
  addEvidenceCommands(program, context);
  addDoctorCommand(program, context);
  return program;
}

function tell(error: FlError, args: readonly string[], { stdout, stderr, signal }: ProgramContext): number {
  const isStopped = signal.aborted && error.code === "cancelled";
  stderr.write(`sotto: ${isStopped ? "stopped" : error.message}\n`);
  if (error.code === "internal" && error.stack !== undefined) stderr.write(`${error.stack}\n`);
  if (args.includes("--json")) createOutput({ stream: stdout, isJson: true }).result({ text: [], json: errorJson(error) });
  if (isStopped) return signal.reason === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
  return exitCodeOf(error.code);
}
