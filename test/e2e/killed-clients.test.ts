import type { TaskRecord } from "@sotto/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { submit, type Watched, watch, withAdmin } from "../processes/admin.ts";
import { type RunningFederation, startFederation } from "../processes/federation.ts";
import { hospitalTables, hospitalTask } from "../processes/task.ts";

const clients = [...hospitalTables(4).keys()];
let federation: RunningFederation;

beforeAll(async () => {
  federation = await startFederation({ tables: hospitalTables(4), logLevel: "debug" });
}, 60_000);

afterAll(() => federation.close(), 60_000);

/** Kills the client when it next says that it enters the phase; gives the round it was killed in. */
async function killIn(client: string, phase: string): Promise<number> {
  const service = federation.clients.get(client)!;
  const line = await service.nextLine((text) => text.includes('"message":"phase"') && text.includes(`"to":"${phase}"`));
  service.kill();
  return (JSON.parse(line) as { round: number }).round;
}

function report(
  { records }: Pick<Watched, "records">,
  round: number,
): { readonly survivors: readonly string[]; readonly dropped: readonly { client: string }[] } {
  for (const { event } of records) if (event.kind === "committed" && event.round === round) return event.record;
  throw new Error(`round ${round} was not committed`);
}

/** Resolves when a record that `matches` comes, or came. */
function recordBook(): {
  readonly add: (record: TaskRecord) => void;
  readonly find: (matches: (record: TaskRecord) => boolean) => Promise<TaskRecord>;
  /** The number of the latest record; 0 before any. */
  readonly count: () => number;
} {
  const seen: TaskRecord[] = [];
  const waiting: { matches: (record: TaskRecord) => boolean; resolve: (record: TaskRecord) => void }[] = [];
  return {
    add: (record) => {
      seen.push(record);
      for (const one of waiting) if (one.matches(record)) one.resolve(record);
    },
    count: () => seen.at(-1)?.record ?? 0,
    find: (matches) => {
      const found = seen.find(matches);
      return found === undefined ? new Promise((resolve) => waiting.push({ matches, resolve })) : Promise.resolve(found);
    },
  };
}

test("whichever phase a client process is killed in, the run goes on without it, says so, and takes it back", {
  timeout: 240_000,
}, async () => {
  const phases = ["training", "keying", "sharing", "submitting", "attesting", "revealing"] as const;
  const { spec, model } = await hospitalTask({ clients: 4, rounds: 10_000, hiddenUnits: 8 });
  const killed: { client: string; round: number; phase: string }[] = [];
  const watched = await withAdmin(federation.operatorConfig, async (admin) => {
    const book = recordBook();
    const task = await submit(admin, spec, model);
    const following = watch(admin, task, book.add);
    for (const [index, phase] of phases.entries()) {
      const client = clients[index % 4]!;
      const round = await killIn(client, phase);
      killed.push({ client, round, phase });
      await book.find(({ event }) => event.kind === "committed" && event.round >= round && !event.record.survivors.includes(client));
      await federation.restart(client);
      await book.find(({ event }) => event.kind === "committed" && event.round > round && event.record.survivors.length === 4);
    }
    await admin.stopTask(task);
    return following;
  });
  expect(watched.summary.status).toEqual({ kind: "stopped" });
  for (const { event } of watched.records) {
    if (event.kind === "abandoned" && event.reason !== "the task was stopped")
      expect.fail(`round ${event.round} was abandoned: ${event.reason}; killed were ${JSON.stringify(killed)}`);
    if (event.kind === "committed") expect(event.record.survivors.length).toBeGreaterThanOrEqual(3);
  }
  for (const { client, round } of killed) {
    const { survivors, dropped } = report(watched, round);
    expect(survivors.includes(client) || dropped.some((drop) => drop.client === client)).toBe(true);
  }
  const last = watched.records.flatMap(({ event }) => (event.kind === "committed" ? [event.record.metrics] : [])).at(-1)!;
  expect(last!.auc).toBeGreaterThan(0.75);
});

test("when too many are killed the round is abandoned with their names; a waiting task goes on once they are back", {
  timeout: 240_000,
}, async () => {
  const { spec, model } = await hospitalTask({ clients: 4, rounds: 10_000, hiddenUnits: 8 });
  const victims = clients.slice(0, 2);
  const watched = await withAdmin(federation.operatorConfig, async (admin) => {
    const book = recordBook();
    const task = await submit(admin, spec, model);
    const following = watch(admin, task, book.add);
    let abandoned = 0;
    // A round may be over before both are dead: then none is running that could be abandoned, and the task waits for its clients instead.
    while (abandoned === 0) {
      const from = book.count();
      await Promise.all(victims.map((client) => killIn(client, "sharing")));
      const seen = await book.find(
        ({ record, event }) => record > from && (event.kind === "abandoned" || (event.kind === "phase" && event.phase === "waiting")),
      );
      if (seen.event.kind === "abandoned") {
        const { reason, missing } = seen.event;
        expect(reason).toContain("too few");
        // Both, or the one that was lost from this round, when the other had been lost from the round before.
        expect(missing.length).toBeGreaterThan(0);
        expect(victims).toEqual(expect.arrayContaining([...missing]));
        abandoned = seen.event.round;
      }
      await Promise.all(victims.map((client) => federation.restart(client)));
    }
    await book.find(({ event }) => event.kind === "committed" && event.round > abandoned && event.record.survivors.length === 4);
    await admin.stopTask(task);
    return following;
  });
  expect(watched.summary.status).toEqual({ kind: "stopped" });
  for (const { event } of watched.records) if (event.kind === "committed") expect(event.record.survivors.length).toBeGreaterThanOrEqual(3);
});

test("a task that is to stop fails by name, and never says it succeeded", { timeout: 240_000 }, async () => {
  const { spec, model } = await hospitalTask({ clients: 4, rounds: 10_000, hiddenUnits: 8 });
  const impatient = { ...spec, whenAbandoned: "stop", cohort: { ...spec.cohort, selecting: { minMs: 0, maxMs: 10_000 } } } as const;
  const watched = await withAdmin(federation.operatorConfig, async (admin) => {
    const following = watch(admin, await submit(admin, impatient, model));
    await Promise.all(clients.slice(0, 2).map((client) => killIn(client, "keying")));
    return following;
  });
  expect(watched.summary.status).toMatchObject({ kind: "failed", reason: expect.stringContaining("too few") });
});
