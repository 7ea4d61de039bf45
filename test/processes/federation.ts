import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLine, Service, sotto } from "./program.ts";

/** A federation of real processes on this machine, set up as an operator and its data owners would. */
export interface RunningFederation {
  readonly folder: string;
  readonly coordinator: Service;
  readonly clients: ReadonlyMap<string, Service>;
  /** The operator's configuration file, for `--config`. */
  readonly operatorConfig: string;
  /** Starts the client of this name again, after it was killed. */
  restart(client: string): Promise<Service>;
  /** Stops everything and removes the folder. */
  close(): Promise<void>;
}

/** What a federation is set up with. */
export interface FederationOrder {
  /** Each client's table, as CSV text, by its name. */
  readonly tables: ReadonlyMap<string, string>;
  readonly logLevel: "trace" | "debug" | "info" | "warn";
}

/** Makes keys and configurations in a fresh folder and starts the coordinator and every client. */
export async function startFederation({ tables, logLevel }: FederationOrder): Promise<RunningFederation> {
  const folder = mkdtempSync(join(tmpdir(), "sotto-federation-"));
  const request = { federation: "test", coordinatorNames: ["localhost", "127.0.0.1"], clients: [...tables.keys()], operators: ["ada"] };
  writeFileSync(join(folder, "federation.yaml"), JSON.stringify(request));
  const made = await sotto(["federation", "create", "--config", join(folder, "federation.yaml"), "--output", join(folder, "keys")]);
  if (made.code !== 0) throw new Error(made.stderr);
  const coordinator = await startCoordinator(folder, logLevel);
  const { ready } = lastLine(await coordinator.line(isReady)) as { ready: { host: string; port: number } };
  const address = `${ready.host}:${ready.port}`;
  const clients = new Map<string, Service>();
  const start = async (client: string): Promise<Service> => {
    const service = startClient({ folder, client, address, logLevel, table: tables.get(client)! });
    clients.set(client, service);
    await service.line(isReady);
    return service;
  };
  await Promise.all([...tables.keys()].map(start));
  const operatorConfig = join(folder, "operator.yaml");
  writeFileSync(operatorConfig, JSON.stringify({ coordinator: address, tls: tlsFiles(join(folder, "keys", "operators", "ada")) }));
  const close = async (): Promise<void> => {
    await Promise.all([...clients.values()].map((client) => client.stop()));
    await coordinator.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, coordinator, clients, operatorConfig, restart: start, close };
}

async function startCoordinator(folder: string, logLevel: string): Promise<Service> {
  const keys = join(folder, "keys", "coordinator");
  const config = {
    federation: "test",
    listen: { host: "127.0.0.1", port: 0 },
    authorityKey: join(keys, "authority-public.key"),
    roster: join(keys, "roster.signed"),
    tls: tlsFiles(keys),
    dataDirectory: join(folder, "state"),
    logLevel,
  };
  writeFileSync(join(folder, "coordinator.yaml"), JSON.stringify(config));
  return new Service("coordinator", ["coordinator", "start", "--config", join(folder, "coordinator.yaml"), "--json", "--until-stdin-ends"]);
}

interface ClientStart {
  readonly folder: string;
  readonly client: string;
  readonly address: string;
  readonly logLevel: string;
  readonly table: string;
}

function startClient({ folder, client, address, logLevel, table }: ClientStart): Service {
  const home = join(folder, client);
  const keys = join(folder, "keys", "clients", client);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "table.csv"), table);
  const config = {
    client,
    coordinator: address,
    authorityKey: join(keys, "authority-public.key"),
    identityKey: join(keys, "identity.key"),
    tls: tlsFiles(keys),
    data: join(home, "table.csv"),
    policy: { minCohort: 3 },
    logLevel,
  };
  writeFileSync(join(home, "client.yaml"), JSON.stringify(config));
  return new Service(`client ${client}`, ["client", "start", "--config", join(home, "client.yaml"), "--json", "--until-stdin-ends"]);
}

function tlsFiles(keys: string): Record<string, string> {
  return {
    rootCertificate: join(keys, "tls-root.pem"),
    certificate: join(keys, "certificate.pem"),
    privateKey: join(keys, "private-key.pem"),
  };
}

function isReady(line: string): boolean {
  return line.startsWith('{"ready":');
}
