import type { Rng } from "@sotto/base";
import { type MaskStreams, maskInto } from "@sotto/secagg";
import { encodeLocal, type LocalContribution, type PreparedContribution, packMasked, type SessionShape } from "../update/prepare.ts";

/** The whole recipe of a contribution on this thread, at once. */
export function prepared(
  contribution: LocalContribution,
  session: SessionShape,
  how: { readonly masks: MaskStreams; readonly rng: Rng },
): PreparedContribution {
  return packMasked(maskInto(encodeLocal(contribution, session, how.rng), how.masks), session);
}
