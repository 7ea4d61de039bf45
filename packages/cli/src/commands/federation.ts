import { resolve } from "node:path";
import type { Command } from "commander";
import { type CommandContext, type JsonOption, outputOf, withJson } from "../command-context.ts";
import { readText } from "../read-file.ts";

interface CreateOptions extends JsonOption {
  readonly config: string;
  readonly output: string;
}

/** `sotto federation`: keys, certificates and roster of a new federation. */
export function addFederationCommands(program: Command, context: CommandContext): void {
  const federation = program.command("federation").description("make the keys, certificates and roster of a federation");
  const create = federation
    .command("create")
    .description("make a new federation's files, one folder for each party to be handed over")
    .requiredOption("--config <file>", "YAML: federation, coordinatorNames, clients, operators, validDays")
    .requiredOption("--output <folder>", "an empty folder, kept offline")
    .action((options: CreateOptions) => createFederationFiles(context, options));
  withJson(create);
}

async function createFederationFiles(context: CommandContext, options: CreateOptions): Promise<void> {
  const [{ randomRng }, { createFederation }, { parseFederationRequest }, { writeFederation }] = await Promise.all([
    import("@sotto/crypto"),
    import("@sotto/identity"),
    import("../federation/config.ts"),
    import("../federation/files.ts"),
  ]);
  const at = { file: options.config, now: context.clock.now(), rng: randomRng() };
  const folders = writeFederation(await createFederation(parseFederationRequest(readText(options.config), at)), resolve(options.output));
  outputOf(context, options).result({
    text: [
      `authority    ${folders.authority}   keep it offline: it can enrol anybody`,
      `coordinator  ${folders.coordinator}`,
      ...[...folders.clients].map(([client, folder]) => `client       ${folder}   for ${client} alone`),
      ...[...folders.operators].map(([operator, folder]) => `operator     ${folder}   for ${operator} alone`),
    ],
    json: {
      authority: folders.authority,
      coordinator: folders.coordinator,
      clients: Object.fromEntries(folders.clients),
      operators: Object.fromEntries(folders.operators),
    },
  });
}
