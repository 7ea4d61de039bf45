import type { Brand, Digest, Rng } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { contributionShapeOf, type LocalMetrics, type Plan, scalarsOf } from "@sotto/protocol";
import {
  clipUpdate,
  type EncodedContribution,
  encodeContribution,
  laneBits,
  type MaskedContribution,
  packLanes,
  type Update,
} from "@sotto/vector";

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

/** A contribution ready to be sent. */
export interface PreparedContribution {
  readonly packed: PackedContribution;
  readonly digest: Digest;
}

/** The session a contribution is made for: with these a lane has its bits. */
export interface SessionShape {
  readonly plan: Plan;
  /** Clients of the session. */
  readonly cohortSize: number;
}

/**
 * The recipe (SECAGG 2.7, 2.8) up to the masks: clip → cap the weight → encode with stochastic rounding. The masks are added next, and then
 * {@link packMasked} ends it. Reads the contribution and keeps nothing of it; the caller owns the lanes, which are secret, and gives the update up.
 * @throws FlError `invalid-argument` when the update or the metrics are not of the plan's shape, or the weight is not positive
 */
export function encodeLocal(contribution: LocalContribution, { plan, cohortSize }: SessionShape, rng: Rng): EncodedContribution {
  const { update, metrics } = contribution;
  const rule = plan.contribution;
  const clipped = update === null ? null : clipUpdate(update, rule.clipNorm);
  const encoded = encodeContribution({
    update: clipped,
    // Rows above the cap count as the cap, so that no site outweighs the others without bound.
    weight: Math.min(contribution.weight, rule.weightMax),
    scalars: scalarsOf(plan, metrics),
    rule,
    shape: contributionShapeOf(plan),
    bits: bitsOf({ plan, cohortSize }),
    rng,
  });
  clipped?.fill(0);
  return encoded;
}

/** The end of the recipe: the low bits of every masked lane, and their digest. The caller owns the bytes. */
export function packMasked(masked: MaskedContribution, session: SessionShape): PreparedContribution {
  const packed = packLanes(masked, bitsOf(session)) as PackedContribution;
  return { packed, digest: sha256Digest(packed) };
}

function bitsOf({ plan, cohortSize }: SessionShape): number {
  return laneBits({ cohortSize, quantisationBits: plan.contribution.quantisationBits });
}
