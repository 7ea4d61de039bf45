import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { type CommandContext, outputOf, type ServiceOptions, stopSignalOf, withService } from "../command-context.ts";
import { readText } from "../read-file.ts";
import { readyJson } from "../ready-line.ts";

/** `sotto coordinator`: the coordinator of a federation. */
export function addCoordinatorCommands(program: Command, context: CommandContext): void {
  const coordinator = program.command("coordinator").description("run the coordinator of a federation");
  withService(coordinator.command("start").description("serve clients and operators until stopped")).action((options: ServiceOptions) =>
    start(context, options),
  );
}

async function start(context: CommandContext, options: ServiceOptions): Promise<void> {
  const [{ parseCoordinatorConfig, startCoordinator }, { randomRng }, { createLogger }] = await Promise.all([
    import("@sotto/coordinator"),
    import("@sotto/crypto"),
    import("@sotto/telemetry"),
  ]);
  const config = parseCoordinatorConfig(readText(options.config), resolve(dirname(options.config)));
  const logger = createLogger({ level: config.logLevel, destination: context.stderr, pretty: context.stderr.isTTY === true });
  const stop = stopSignalOf(context, options);
  const running = await startCoordinator(config, { clock: context.clock, rng: randomRng(), logger });
  const { host } = config.listen;
  outputOf(context, options).result({
    text: [`coordinator listens on ${host}:${running.port}`],
    json: readyJson({ kind: "coordinator", host, port: running.port }),
  });
  await aborted(stop);
  await running.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
