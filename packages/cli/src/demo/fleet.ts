import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientId, FlError } from "@sotto/base";
import type { Progress } from "../terminal/progress.ts";
import { clientConfigText, coordinatorConfigText, operatorConfigText } from "./config-files.ts";
import { demoOperator, type PreparedDemo } from "./prepare.ts";
import type { Processes, RunningProcess } from "./processes.ts";

/** The running coordinator and clients of a demo. */
export interface Fleet {
  /** The operator's configuration file. */
  readonly operatorConfig: string;
  /** Aborts, with an FlError as its reason, when the demo cannot go on: without its coordinator, or with fewer than three clients. */
  readonly broken: AbortSignal;
  /** From here on processes may end. */
  letEnd(): void;
}

/** What a fleet is started with. */
export interface FleetOrder {
  readonly demo: PreparedDemo;
  readonly processes: Processes;
  /** Path of this program. */
  readonly program: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const clientsMin = 3;

/** Writes the configurations and starts the coordinator, then every client. @throws FlError as {@link Processes.start} */
export async function startFleet(order: FleetOrder): Promise<Fleet> {
  const { workspace, tables } = order.demo;
  order.progress.now("starting the coordinator");
  const coordinator = await startCoordinatorProcess(order);
  if (coordinator.ready.kind !== "coordinator") throw new FlError("internal", `the coordinator says it is a ${coordinator.ready.kind}`);
  const address = `${coordinator.ready.host}:${coordinator.ready.port}`;
  order.progress.happened(`coordinator listens on ${address}`);
  const clients = await Promise.all(tables.clients.map(({ client, path }) => startClientProcess(order, { client, path, address })));
  order.progress.happened(`${clients.length} clients run: ${tables.clients.map(({ client }) => client).join(", ")}`);
  writeFileSync(join(workspace.root, "processes.json"), processesText(coordinator, clients));
  const operatorConfig = join(workspace.config, "operator.yaml");
  const federation = order.demo.folders.operators.values().next().value ?? demoOperator;
  writeFileSync(operatorConfig, operatorConfigText({ coordinator: address, folder: workspace.config, federation }));
  return { operatorConfig, ...watchFleet(order, coordinator, clients) };
}

function startCoordinatorProcess({ demo, processes, program, signal }: FleetOrder): Promise<RunningProcess> {
  const { workspace, folders } = demo;
  const config = join(workspace.config, "coordinator.yaml");
  writeFileSync(config, coordinatorConfigText({ folder: workspace.config, federation: folders.coordinator, state: workspace.state }));
  const args = [program, "coordinator", "start", "--config", config, "--json", "--until-stdin-ends"];
  return processes.start({ name: "coordinator", args, logFile: join(workspace.logs, "coordinator.log") }, signal);
}

function startClientProcess(
  { demo, processes, program, signal }: FleetOrder,
  { client, path, address }: { readonly client: ClientId; readonly path: string; readonly address: string },
): Promise<RunningProcess> {
  const { workspace, folders } = demo;
  const config = join(workspace.config, `client-${client}.yaml`);
  const federation = folders.clients.get(client);
  if (federation === undefined) throw new FlError("internal", `client ${client} is not in the federation`);
  writeFileSync(config, clientConfigText({ client, coordinator: address, folder: workspace.config, federation, data: path }));
  const args = [program, "client", "start", "--config", config, "--json", "--until-stdin-ends"];
  return processes.start({ name: `client ${client}`, args, logFile: join(workspace.logs, `client-${client}.log`) }, signal);
}

function processesText(coordinator: RunningProcess, clients: readonly RunningProcess[]): string {
  const all = [coordinator, ...clients].map(({ name, pid }) => ({ name, pid }));
  return `${JSON.stringify({ demo: process.pid, processes: all }, null, 2)}\n`;
}

function watchFleet(
  { progress }: FleetOrder,
  coordinator: RunningProcess,
  clients: readonly RunningProcess[],
): Pick<Fleet, "broken" | "letEnd"> {
  const broken = new AbortController();
  let mayEnd = false;
  let left = clients.length;
  const onEnd = (running: RunningProcess, then: (what: string) => void): void => {
    void running.ended.then((ending) => {
      if (!mayEnd) then(`${running.name} ended with ${ending}; its log is ${running.logFile}`);
    });
  };
  onEnd(coordinator, (what) => broken.abort(new FlError("unavailable", what)));
  for (const client of clients) {
    onEnd(client, (what) => {
      left--;
      progress.happened(what);
      if (left < clientsMin)
        broken.abort(new FlError("failed-precondition", `${left} clients are left and a round needs ${clientsMin}: ${what}`));
    });
  }
  return {
    broken: broken.signal,
    letEnd: () => {
      mayEnd = true;
    },
  };
}
