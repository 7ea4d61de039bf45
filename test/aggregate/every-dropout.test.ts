import { runWorld, type Stage, stages } from "@sotto/simulations";
import fc from "fast-check";
import { test } from "vitest";
import { expectSpecified } from "./check-outcome.ts";
import { clientNames, knownClient, knownFederation, knownModel, knownPolicy, knownTask, silentLogger } from "./known-updates.ts";

const names = clientNames(5);
const federation = knownFederation(names);

async function holdToSpecification(drops: readonly (Stage | null)[], seed: number): Promise<void> {
  const clients = names.map((client, index) => {
    const before = drops[index] ?? null;
    return knownClient(client, index, before === null ? null : { round: 1, before });
  });
  const outcome = await runWorld({
    federation,
    clients,
    policy: knownPolicy,
    spec: knownTask,
    initialModel: knownModel,
    seed,
    logger: silentLogger,
    lastRound: 1,
    untilMs: 3_600_000,
  });
  expectSpecified(outcome, { names, drops });
}

test.each([...stages.entries()])(
  "%i: whichever one client is lost before its %s, the others' weighted mean is the model",
  { timeout: 120_000 },
  async (seed, stage) => {
    for (const lost of names.keys())
      await holdToSpecification(
        names.map((_, index) => (index === lost ? stage : null)),
        seed,
      );
  },
);

test("whichever clients are lost at whichever stages, the model is the survivors' weighted mean or the round is abandoned by name", {
  timeout: 300_000,
}, async () => {
  const drop = fc.oneof({ arbitrary: fc.constant(null), weight: 6 }, { arbitrary: fc.constantFrom(...stages), weight: 4 });
  const pattern = fc.array(drop, { minLength: 5, maxLength: 5 });
  await fc.assert(fc.asyncProperty(pattern, fc.nat(1_000_000), holdToSpecification), { numRuns: 40 });
});
