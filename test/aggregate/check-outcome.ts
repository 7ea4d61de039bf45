import type { RoundReport, TaskRecord, TaskSummary } from "@sotto/protocol";
import type { Stage } from "@sotto/simulations";
import { expect } from "vitest";
import { expectedModel } from "./known-updates.ts";

/** What a task came to, in a world or over the network. */
export interface Outcome {
  readonly summary: TaskSummary;
  readonly records: readonly TaskRecord[];
  readonly model: Float32Array | null;
}

/**
 * Holds an outcome to the specification, from the pattern of drops alone: the first round commits exactly the survivors' weighted mean, or it is
 * abandoned by name and there is no model.
 */
export function expectSpecified(
  outcome: Outcome,
  { names, drops }: { readonly names: readonly string[]; readonly drops: readonly (Stage | null)[] },
): void {
  const survivors = specifiedSurvivors(drops);
  if (survivors === null) {
    expect(outcome.summary.roundsCommitted).toBe(0);
    expect(outcome.model).toBeNull();
    const abandoned = outcome.records.flatMap(({ event }) => (event.kind === "abandoned" ? [event] : []));
    expect(abandoned).toMatchObject([{ round: 1, reason: expect.stringContaining("too few") }]);
    expect(abandoned[0]!.missing.length).toBeGreaterThan(0);
    return;
  }
  const report = firstRound(outcome.records);
  expect(report.survivors).toEqual(survivors.map((index) => names[index]));
  expect(report.asked).toEqual(names);
  const { model, bound } = expectedModel(survivors);
  const error = Math.max(...model.map((value, i) => Math.abs(value - outcome.model![i]!)));
  expect(error).toBeLessThanOrEqual(bound);
}

/** Indices whose contribution is in the sum, or null where the round must be abandoned: by counting alone (SECAGG 2.12). */
function specifiedSurvivors(drops: readonly (Stage | null)[]): readonly number[] | null {
  const after = (...before: readonly Stage[]): number[] =>
    drops.flatMap((drop, index) => (drop !== null && before.includes(drop) ? [] : [index]));
  const cohort = after("ready", "advert");
  const n = cohort.length;
  if (after("ready").length < 3 || n < 3) return null;
  const dropoutMax = Math.floor(0.33 * n + 1e-9);
  const dealers = after("ready", "advert", "shares");
  const survivors = after("ready", "advert", "shares", "contribution");
  const signers = after("ready", "advert", "shares", "contribution", "attestation");
  const revealers = after("ready", "advert", "shares", "contribution", "attestation", "reveal");
  if (dealers.length < Math.max(n - dropoutMax, 3) || survivors.length < Math.max(n - dropoutMax, 3)) return null;
  if (signers.length < Math.floor(n / 2) + 1) return null;
  const threshold = n - dropoutMax - 1;
  const isWanting = dealers.length > revealers.length && revealers.length < threshold;
  return isWanting ? null : survivors;
}

function firstRound(records: readonly TaskRecord[]): RoundReport {
  for (const { event } of records) if (event.kind === "committed" && event.round === 1) return event.record;
  throw new Error("the first round was not committed");
}
