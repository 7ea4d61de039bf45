import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, FlError, parseFederationId, parseOperatorId } from "@sotto/base";
import { randomRng } from "@sotto/crypto";
import { createFederation } from "@sotto/identity";
import { type Backend, checkTopology, createModel, openBackend } from "@sotto/ml";
import type { TaskSpec } from "@sotto/protocol";
import type { ModelVector } from "@sotto/vector";
import { type FederationFolders, writeFederation } from "../federation/files.ts";
import { createHospitals, hospitalSchema } from "./hospitals.ts";
import { hospitalRecipe } from "./recipe.ts";
import { type DemoTables, findTables } from "./tables.ts";
import { demoTaskSpec, demoTopology } from "./task.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

/** What `sotto demo` is asked for. */
export interface DemoOptions {
  /** A folder with tables; null for synthetic hospitals. */
  readonly data: string | null;
  /** How many synthetic hospitals; with `data` it must be null or as many as there are tables. */
  readonly clients: number | null;
  /** Training rounds; null for as many as the recipe of the tables has. */
  readonly rounds: number | null;
  /** Of synthetic data, the split of tables, the first model and shuffling; keys are never of a seed. */
  readonly seed: number;
  /** The working folder. */
  readonly output: string;
}

/** Everything a demo needs before its first process. */
export interface PreparedDemo {
  readonly workspace: Workspace;
  readonly tables: DemoTables;
  readonly folders: FederationFolders;
  readonly backend: Backend;
  readonly spec: TaskSpec;
  readonly initial: ModelVector;
}

const clientsDefault = 4;
/** The name of the demo's one operator. */
export const demoOperator = "demo-operator";

/**
 * Makes the working folder, the tables, the federation's keys, the first model and the task.
 * @throws FlError `already-exists` for a folder of others' files; `invalid-argument` when the tables and the number of clients do not agree
 */
export async function prepareDemo(options: DemoOptions, clock: Clock): Promise<PreparedDemo> {
  const given = options.data === null ? null : givenTables(options, options.data);
  const workspace = createWorkspace(options.output);
  const tables = given ?? writeHospitals(options, workspace);
  const federation = await createFederation({
    federation: parseFederationId("demo"),
    clients: tables.clients.map(({ client }) => client),
    operators: [parseOperatorId(demoOperator)],
    coordinatorNames: ["localhost", "127.0.0.1"],
    validDays: 30,
    now: clock.now(),
    rng: randomRng(),
  });
  const folders = writeFederation(federation, workspace.federation);
  return { workspace, tables, folders, ...(await createTask(options, tables)) };
}

function givenTables({ clients, seed }: DemoOptions, folder: string): DemoTables {
  const tables = findTables({ folder, seed });
  const found = tables.clients.length;
  if (clients !== null && clients !== found) {
    throw new FlError("invalid-argument", `${clients} clients are asked for and ${folder} holds the tables of ${found}`);
  }
  return tables;
}

function writeHospitals({ clients, seed }: DemoOptions, { data }: Workspace): DemoTables {
  const hospitals = createHospitals({ clients: clients ?? clientsDefault, seed });
  return {
    title: "Synthetic hospitals",
    schema: hospitalSchema(seed),
    recipe: hospitalRecipe,
    clients: hospitals.map(({ client, csv }) => {
      const path = join(data, `${client}.csv`);
      writeFileSync(path, csv, { mode: 0o600 });
      return { client, path };
    }),
  };
}

async function createTask(
  { rounds, seed }: DemoOptions,
  { title, schema, recipe, clients }: DemoTables,
): Promise<Pick<PreparedDemo, "backend" | "spec" | "initial">> {
  const topology = checkTopology(demoTopology(schema, recipe));
  if (topology.kind === "refused") throw new FlError("internal", topology.refusal.message);
  const backend = await openBackend();
  const { layout, vector } = await createModel({ backend, topology: topology.value, seed });
  const spec = demoTaskSpec({
    name: `demo: ${title}`,
    data: schema,
    clients: clients.length,
    rounds: rounds ?? recipe.rounds,
    seed,
    recipe,
    layout,
  });
  return { backend, spec, initial: vector };
}
