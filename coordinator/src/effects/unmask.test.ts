import { FlError } from "@sotto/base";
import { createMasker, type Masker } from "@sotto/masking";
import type { MaskStreams } from "@sotto/secagg";
import { decodeSum } from "@sotto/vector";
import { expect, test } from "vitest";
import type { Lie } from "../testing/lies.ts";
import { advance, worldOf } from "../testing/round-scene.ts";
import type { RoundWorld } from "../testing/round-world.ts";
import { openSum, type SumOpening } from "./unmask.ts";

/** A sum of four clients whose shares are all there, and a fifth that left after it dealt. */
function openingOf(lies: Readonly<Record<number, Lie>> = {}): { readonly world: RoundWorld; readonly opening: SumOpening } {
  const { world, clients } = worldOf(5, {}, lies);
  world.isReleaseHeld = true;
  advance(world, clients, "collecting");
  const others = clients.slice(0, 4);
  world.turns(others);
  world.wait(10_000);
  advance(world, others, "releasing");
  const { effect, accumulator } = world.takeRelease();
  return { world, opening: { accumulator, session: effect.session, bits: effect.size.bits } };
}

/** A masker that remembers which keys it was lent. */
function watched(masker: Masker): { readonly masker: Masker; readonly lent: MaskStreams[] } {
  const lent: MaskStreams[] = [];
  const removeMasks: Masker["removeMasks"] = (sum, opening) => {
    lent.push(opening.masks);
    return masker.removeMasks(sum, opening);
  };
  return { masker: { mask: (encoded, masks) => masker.mask(encoded, masks), removeMasks, close: () => masker.close() }, lent };
}

test("a sum is opened without the masks of its survivors and of those that left, and no key outlives it", async () => {
  const { world, opening } = openingOf();
  const { masker, lent } = watched(createMasker({ workerCount: 0 }));
  const opened = await openSum(opening, masker);
  expect(opened.kind).toBe("ok");
  if (opened.kind === "refused") return;
  const { plan, shape } = world.setup.plans.train;
  const decoded = decodeSum({ sum: opened.value, rule: plan.contribution, shape, bits: opening.bits, survivors: 4 });
  expect(decoded).toMatchObject({ kind: "ok", value: { updateMean: { length: 3 } } });
  if (decoded.kind === "ok") for (const value of decoded.value.updateMean ?? []) expect(value).toBeCloseTo(0.025, 3);
  expect(lent.map((masks) => masks.length)).toEqual([8]);
  expect(lent.flat().every(({ key }) => key.every((byte) => byte === 0))).toBe(true);
  expect(() => opening.accumulator.sum()).toThrow(FlError);
  await masker.close();
});

test("keys and sum are let go also when the masker fails, and when a secret is not the one that was committed to", async () => {
  const { opening } = openingOf();
  const { masker, lent } = watched(createMasker({ workerCount: 0 }));
  await masker.close();
  await expect(openSum(opening, masker)).rejects.toMatchObject({ code: "failed-precondition" });
  expect(lent.flat().length).toBe(8);
  expect(lent.flat().every(({ key }) => key.every((byte) => byte === 0))).toBe(true);
  expect(() => opening.accumulator.sum()).toThrow(FlError);
  const lied = openingOf({ 4: "other-mask-key" }).opening;
  expect(await openSum(lied, masker)).toMatchObject({ kind: "refused", refusal: { code: "secret-mismatch" } });
  expect(() => lied.accumulator.sum()).toThrow(FlError);
});
