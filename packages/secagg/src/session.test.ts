import { parseRoundNumber, toHex } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import {
  aggregateErrorBound,
  clipUpdate,
  contributionShape,
  createLanes,
  decodeSum,
  type EncodedContribution,
  encodeContribution,
  toUpdate,
  type UnmaskedSum,
  type Update,
} from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canUnmask } from "./server/revealing.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  type Fixture,
  keyingStage,
  plainSum,
  type Result,
  revealed,
  seedOf,
  sharingStage,
  sumOf,
  unmaskingStage,
  value,
} from "./session-fixture.ts";
import { dropPlans, dropsAtOnce, everybodyShares, playedPlan } from "./testing/drop-plans.ts";

const rule = { clipNorm: 4, weightMax: 50, quantisationBits: 16 };
const shape = contributionShape({ parameterCount: 3, scalarCount: 0 });

/** A real update of client `number`, of three parameters, and its weight. */
function updateOf(number: number): { readonly update: Update; readonly weight: number } {
  return { update: toUpdate(Float32Array.from([0, 1, 2], (parameter) => Math.sin(1 + 3 * number + parameter))), weight: 7 + 10 * number };
}

function encodedUpdate(number: number, bits: number): EncodedContribution {
  const { update, weight } = updateOf(number);
  const clipped = clipUpdate(update, rule.clipNorm);
  return encodeContribution({ update: clipped, weight, scalars: [], rule, shape, bits, rng: seededRng(seedOf("rounding", number)) });
}

/** Whether the decoded sum is the float64 weighted mean of the survivors' updates, within the stated bound. */
function expectWeightedMean(sum: UnmaskedSum, { survivors, bits }: { readonly survivors: readonly number[]; readonly bits: number }): void {
  const contributions = survivors.map(updateOf);
  const weight = contributions.reduce((total, one) => total + one.weight, 0);
  const decoded = value(decodeSum({ sum, rule, shape, bits, survivors: survivors.length }));
  const bound = aggregateErrorBound({ rule, survivors: survivors.length, weight });
  for (const [parameter, mean] of decoded.updateMean!.entries()) {
    const wanted = contributions.reduce((total, one) => total + one.weight * one.update[parameter]!, 0) / weight;
    expect(Math.abs(mean - wanted)).toBeLessThanOrEqual(bound);
  }
}

function subsetsOf(all: readonly number[]): number[][] {
  return Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, position) => (bits >> position) % 2 === 1));
}

/** What the specification says of a session, by counting alone: the sum, or the code of the abort. */
function expectedOf(counts: { advertised: number; dealt: number; submitted: number; attested: number; revealed: number }): string {
  const { advertised: n, dealt, submitted, attested, revealed: answered } = counts;
  if (n < 3) return "cohort-too-small";
  const dropoutMax = Math.floor(0.4 * n);
  if (n - dropoutMax - 1 < 2) return "infeasible-cohort";
  if (dealt < n - dropoutMax) return "too-few-dealers";
  if (submitted < Math.max(n - dropoutMax, 2)) return "too-few-survivors";
  if (attested < Math.floor(n / 2) + 1) return "too-few-signatures";
  const threshold = n - dropoutMax - 1;
  // Who answers sends its own seed; of who does not, every answer holds a share.
  const isWanting = dealt > answered && answered < threshold;
  return isWanting ? "missing-share" : "sum";
}

test("every pattern of which of 5 clients drops at which of 6 stages gives the exact sum and the weighted mean of its survivors, or the specified abort", {
  timeout: 120_000,
}, () => {
  const fixture: Fixture = { ...createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } }), contribution: encodedUpdate };
  const everybody = [0, 1, 2, 3, 4];
  const keying = keyingStage(fixture);
  const outcomes = new Map<string, number>();
  /** Notes how a session ended, for all patterns of drops that begin like it: each client left may still drop at each stage left, or never. */
  const note = (outcome: Result<unknown>, expected: string, left: { readonly clients: number; readonly stages: number }): void => {
    const name = codeOf(outcome) ?? "sum";
    if (name !== expected) throw new Error(`ended with ${name} where ${expected} is specified`);
    outcomes.set(name, (outcomes.get(name) ?? 0) + (left.stages + 1) ** left.clients);
  };
  for (const u1 of subsetsOf(everybody)) {
    const counts = { advertised: u1.length, dealt: u1.length, submitted: u1.length, attested: u1.length, revealed: u1.length };
    const sharing = sharingStage(keying, u1);
    if (sharing.kind === "refused") {
      note(sharing, expectedOf(counts), { clients: u1.length, stages: 4 });
      continue;
    }
    for (const u2 of subsetsOf(u1.map((_, index) => index))) {
      const afterDealing = { ...counts, dealt: u2.length, submitted: u2.length, attested: u2.length, revealed: u2.length };
      const collecting = collectingStage(sharing.value, u2);
      if (collecting.kind === "refused") {
        note(collecting, expectedOf(afterDealing), { clients: u2.length, stages: 3 });
        continue;
      }
      for (const u3 of subsetsOf(u2)) {
        const afterSubmitting = { ...afterDealing, submitted: u3.length, attested: u3.length, revealed: u3.length };
        const attesting = attestingStage(collecting.value, u3);
        if (attesting.kind === "refused") {
          note(attesting, expectedOf(afterSubmitting), { clients: u3.length, stages: 2 });
          continue;
        }
        const survivors = u3.map((index) => sharing.value.numbers[index]!);
        const wanted = plainSum(fixture, survivors, collecting.value.bits);
        for (const signers of subsetsOf(u3)) {
          const afterAttesting = { ...afterSubmitting, attested: signers.length, revealed: signers.length };
          const unmasking = unmaskingStage(attesting.value, signers);
          if (unmasking.kind === "refused") {
            note(unmasking, expectedOf(afterAttesting), { clients: signers.length, stages: 1 });
            continue;
          }
          for (const u4 of subsetsOf(signers)) {
            const sum = sumOf(unmasking.value, u4);
            note(sum, expectedOf({ ...afterAttesting, revealed: u4.length }), { clients: 0, stages: 0 });
            expect(canUnmask(revealed(unmasking.value, u4))).toBe(sum.kind === "ok");
            if (sum.kind === "refused") continue;
            expect([...sum.value]).toEqual(wanted);
            expectWeightedMean(sum.value, { survivors, bits: collecting.value.bits });
          }
        }
      }
    }
  }
  expect([...outcomes.values()].reduce((total, count) => total + count, 0)).toBe(6 ** 5);
  expect([...outcomes.keys()].sort()).toEqual([
    "cohort-too-small",
    "infeasible-cohort",
    "missing-share",
    "sum",
    "too-few-dealers",
    "too-few-signatures",
    "too-few-survivors",
  ]);
});

test("the order in which messages arrive, at any stage, does not change a byte of the sum", () => {
  const fixture = createFixture({ clientCount: 7, tolerance: { gamma: 0.1, delta: 0.3 } });
  const keying = keyingStage(fixture);
  const everybody = fixture.clients.map((_, number) => number);
  const dealers = everybody.slice(0, 6);
  const survivors = everybody.slice(1, 6);
  const wanted = run(everybody, dealers, survivors);
  expect(wanted).toEqual(plainSum(fixture, survivors, 19));
  fc.assert(
    fc.property(shuffled(everybody), shuffled(dealers), shuffled(survivors), (u1, u2, u3) => {
      expect(run(u1, u2, u3)).toEqual(wanted);
    }),
    { numRuns: 10 },
  );

  function run(u1: readonly number[], u2: readonly number[], u3: readonly number[]): number[] {
    const attesting = value(attestingStage(value(collectingStage(value(sharingStage(keying, u1)), u2)), u3));
    return [...value(sumOf(value(unmaskingStage(attesting, u3)), u3))];
  }
});

function shuffled(all: readonly number[]): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray([...all], { minLength: all.length });
}

test.each([10, 30])("random drops within the tolerance of %i clients give the exact sum", { timeout: 60_000 }, (clientCount) => {
  const fixture = createFixture({ clientCount, tolerance: { gamma: 0.1, delta: 0.2 } });
  const sharing = everybodyShares(fixture);
  const dropoutMax = Math.floor(0.2 * clientCount);
  // Anybody at any stage; and all of them at one stage, which is the worst that stage has to bear.
  const plans = fc.oneof(dropPlans(clientCount, dropoutMax), dropsAtOnce(clientCount, dropoutMax));
  fc.assert(
    fc.property(plans, (plan) => {
      const { sum, bits } = playedPlan(sharing, plan);
      expect(sum).toEqual(plainSum(fixture, plan.survivors, bits));
    }),
    { numRuns: clientCount === 10 ? 8 : 3 },
  );
});

test("lanes of 16 bits give the exact sum too, whoever drops", { timeout: 60_000 }, () => {
  const fixture = createFixture({ clientCount: 10, tolerance: { gamma: 0.1, delta: 0.2 }, quantisationBits: 8 });
  const sharing = everybodyShares(fixture);
  fc.assert(
    fc.property(dropPlans(10, 2), (plan) => {
      const { collecting, sum, bits } = playedPlan(sharing, plan);
      expect(bits).toBe(12);
      expect(collecting.submissions.get(plan.survivors[0]!)!.packed.length).toBe(8);
      expect(sum).toEqual(plainSum(fixture, plan.survivors, bits));
    }),
    { numRuns: 5 },
  );
});

test("no two clients of a session, and no client in two rounds, mask alike, though all contribute the same and every seed is the same", () => {
  const fixture = createFixture({ clientCount: 4, tolerance: { gamma: 0, delta: 0.25 } });
  const packedIn = (round: number): readonly string[] => {
    const zeros: Fixture = {
      ...fixture,
      context: { ...fixture.context, round: parseRoundNumber(round) },
      contribution: (_, bits) => createLanes({ laneCount: 5, bits }) as EncodedContribution,
    };
    const { submissions } = value(collectingStage(everybodyShares(zeros), [0, 1, 2, 3]));
    return [...submissions.values()].map(({ packed }) => toHex(packed));
  };
  expect(packedIn(1)).toEqual(packedIn(1));
  expect(new Set([...packedIn(1), ...packedIn(2)]).size).toBe(8);
});
