import { parseTaskId } from "@sotto/base";
import { parsePlan } from "@sotto/protocol";
import { type Command, Option } from "commander";
import { withAdmin } from "../admin-session.ts";
import { type CommandContext, type JsonOption, outputOf, withJson } from "../command-context.ts";
import { readOperatorConfig } from "../operator-config.ts";

interface GetOptions extends JsonOption {
  readonly config: string;
  readonly format: "tfjs" | "safetensors";
  readonly output: string;
}

/** `sotto model`: a task's model as files. */
export function addModelCommands(program: Command, context: CommandContext): void {
  const model = program.command("model").description("fetch the model of a task");
  const get = model
    .command("get <task>")
    .description("write a task's latest model into a folder")
    .requiredOption("--config <file>", "the operator's YAML file")
    .requiredOption("--output <folder>", "where the files go")
    .addOption(new Option("--format <format>", "of the files").choices(["tfjs", "safetensors"]).default("tfjs"))
    .action((task: string, options: GetOptions) => getModel(context, options, task));
  withJson(get);
}

async function getModel(context: CommandContext, options: GetOptions, name: string): Promise<void> {
  const [{ readBlob }, { decodeModel }, { writeModel }] = await Promise.all([
    import("@sotto/transport"),
    import("@sotto/vector"),
    import("../model-files.ts"),
  ]);
  const task = parseTaskId(name);
  const model = await withAdmin(readOperatorConfig(options.config), context.stderr, async (admin) => {
    const { plan, round, blob } = await admin.model(task, context.signal);
    return { plan: parsePlan(plan), round, vector: decodeModel(await readBlob(blob)) };
  });
  const files = writeModel(model, { folder: options.output, format: options.format });
  outputOf(context, options).result({
    text: [`model of ${task} after round ${model.round}:`, ...files.map((file) => `  ${file}`)],
    json: { task, round: model.round, parameters: model.vector.length, files },
  });
}
