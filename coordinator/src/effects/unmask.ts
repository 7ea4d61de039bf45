import { type Outcome, ok, wipeInto } from "@sotto/base";
import type { Masker } from "@sotto/masking";
import { type Accumulator, type SecaggRefusal, type UnmaskingServer, unmask } from "@sotto/secagg";
import type { UnmaskedSum } from "@sotto/vector";

/** A sum that is to be opened, with what was revealed for it. */
export interface SumOpening {
  /** Spent, whatever comes of it. */
  readonly accumulator: Accumulator;
  readonly session: UnmaskingServer;
  readonly bits: number;
}

/**
 * Opens the sum: rebuilds the masks left in it, has the masker take them away, wipes their keys. Only what grows with the clients runs on this thread;
 * what grows with the clients times the lanes is the masker's (SECAGG 2.11). The caller wipes the sum.
 * @throws FlError when the masker fails
 */
export async function openSum({ accumulator, session, bits }: SumOpening, masker: Masker): Promise<Outcome<UnmaskedSum, SecaggRefusal>> {
  try {
    const masks = unmask(session);
    if (masks.kind === "refused") return masks;
    try {
      return ok(await masker.removeMasks(accumulator.sum(), { masks: masks.value, bits }));
    } finally {
      wipeInto(...masks.value.map((stream) => stream.key));
    }
  } finally {
    accumulator.dispose();
  }
}
