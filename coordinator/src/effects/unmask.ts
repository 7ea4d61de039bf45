import { type Outcome, ok, wipeInto } from "@sotto/base";
import { type Accumulator, removeMasksInto, type SecaggRefusal, type UnmaskingServer, unmask } from "@sotto/secagg";
import type { UnmaskedSum } from "@sotto/vector";

/** Opens the sum: rebuilds the masks left in it, takes them away, wipes them. The accumulator is spent. The caller wipes the sum. */
export function openSum(
  accumulator: Accumulator,
  opening: { readonly session: UnmaskingServer; readonly bits: number },
): Outcome<UnmaskedSum, SecaggRefusal> {
  const masks = unmask(opening.session);
  if (masks.kind === "refused") return masks;
  const sum = removeMasksInto(accumulator.sum(), masks.value, opening.bits);
  wipeInto(...masks.value.map((stream) => stream.key));
  accumulator.dispose();
  return ok(sum);
}
