import type { Command } from "commander";
import { type CommandContext, integerOption, type JsonOption, outputOf, progressOf, withJson } from "../command-context.ts";
import { diagnose, doctorJson, doctorText } from "../doctor/facts.ts";

interface DoctorOptions extends JsonOption {
  readonly host: string;
  readonly port: number;
}

/** `sotto doctor`: whether Sotto works on this machine, and how fast. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("doctor")
    .description("say whether Sotto works on this machine, and how fast")
    .option("--host <host>", "where a coordinator would listen", "127.0.0.1")
    .addOption(integerOption("--port <port>", "and on which port", { min: 1, max: 65_535 }).default(7443))
    .action(async (options: DoctorOptions) => {
      const progress = progressOf(context);
      const { examine } = await import("../doctor/examine.ts");
      const facts = await examine(options, (what) => progress.now(`looking at ${what}`));
      progress.close();
      const diagnosis = diagnose(facts);
      outputOf(context, options).result({ text: doctorText(facts, diagnosis), json: doctorJson(facts, diagnosis) });
      if (diagnosis.problems.length > 0) context.endAs("unfit");
    });
  withJson(command);
}
