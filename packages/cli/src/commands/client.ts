import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { type CommandContext, outputOf, type ServiceOptions, stopSignalOf, withService } from "../command-context.ts";
import { readText } from "../read-file.ts";
import { readyJson } from "../ready-line.ts";

/** `sotto client`: a data owner's client. */
export function addClientCommands(program: Command, context: CommandContext): void {
  const client = program.command("client").description("run a client next to its data");
  withService(client.command("start").description("take part in a federation until stopped")).action((options: ServiceOptions) =>
    start(context, options),
  );
}

async function start(context: CommandContext, options: ServiceOptions): Promise<void> {
  const [{ parseClientConfig, startClient }, { randomRng }, { createLogger }] = await Promise.all([
    import("@sotto/client"),
    import("@sotto/crypto"),
    import("@sotto/telemetry"),
  ]);
  const config = parseClientConfig(readText(options.config), resolve(dirname(options.config)));
  const logger = createLogger({ level: config.logLevel, destination: context.stderr, pretty: context.stderr.isTTY === true });
  const running = startClient(config, { clock: context.clock, rng: randomRng(), logger }, stopSignalOf(context, options));
  // A client is ready once it dials out: the coordinator's long poll says nothing until there is work.
  outputOf(context, options).result({
    text: [`client ${config.client} dials ${config.coordinator}`],
    json: readyJson({ kind: "client", client: config.client }),
  });
  await running;
}
