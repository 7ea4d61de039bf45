import type { Brand, Digest, Rng } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { contributionShapeOf, type LocalMetrics, type Plan, scalarsOf } from "@sotto/protocol";
import { type MaskStreams, maskInto } from "@sotto/secagg";
import { clipUpdate, encodeContribution, laneBits, packLanes, type Update } from "@sotto/vector";

/** What a client computed in a round, in the clear: it never leaves the client as it is. */
export interface LocalContribution {
  /** Null when the plan's purpose is to evaluate. */
  readonly update: Update | null;
  /** Rows behind it, above 0. */
  readonly weight: number;
  readonly metrics: LocalMetrics;
}

/** The packed bytes of a masked contribution: the only bytes that `upload` sends. */
export type PackedContribution = Brand<Uint8Array, "PackedContribution">;

/** All that a contribution is made from. */
export interface Preparation {
  readonly contribution: LocalContribution;
  readonly plan: Plan;
  /** Clients of the session: with the plan it gives the bits of a lane. */
  readonly cohortSize: number;
  readonly masks: MaskStreams;
  /** For stochastic rounding. */
  readonly rng: Rng;
}

/** A contribution ready to be sent. */
export interface PreparedContribution {
  readonly packed: PackedContribution;
  readonly digest: Digest;
}

/**
 * The whole recipe in one place (SECAGG 2.7, 2.8): clip → encode with stochastic rounding → mask → pack.
 * Reads the contribution and keeps nothing of it; the caller owns the bytes, wipes the masks, and gives the update up.
 * @throws FlError `invalid-argument` when the update or the metrics are not of the plan's shape, or the weight is not positive
 */
export function prepareContribution({ contribution, plan, cohortSize, masks, rng }: Preparation): PreparedContribution {
  const { update, weight, metrics } = contribution;
  const rule = plan.contribution;
  const clipped = update === null ? null : clipUpdate(update, rule.clipNorm);
  const scalars = scalarsOf(plan, metrics);
  const encoded = encodeContribution({ update: clipped, weight, scalars, rule, shape: contributionShapeOf(plan), rng });
  clipped?.fill(0);
  const masked = maskInto(encoded, masks);
  const bits = laneBits({ cohortSize, quantisationBits: rule.quantisationBits });
  const packed = packLanes(masked, bits) as PackedContribution;
  return { packed, digest: sha256Digest(packed) };
}
