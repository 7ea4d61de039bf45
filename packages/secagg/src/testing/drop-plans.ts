import fc from "fast-check";
import {
  attestingStage,
  type CollectingStage,
  collectingStage,
  type Fixture,
  keyingStage,
  type SharingStage,
  sharingStage,
  sumOf,
  type UnmaskingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";

/** Which clients stop answering, and from which stage on. Nobody drops before the cohort is fixed: a client's number is its cohort index. */
export interface DropPlan {
  readonly clientCount: number;
  /** The clients that deal shares, submit, attest and reveal, ascending. */
  readonly dealers: readonly number[];
  readonly survivors: readonly number[];
  readonly signers: readonly number[];
  readonly responders: readonly number[];
}

/** The stages that a client can drop at. */
const stages = { dealing: 0, submitting: 1, attesting: 2, revealing: 3 } as const;

/** The plan in which these clients drop, each at its stage. */
export function dropPlan(clientCount: number, drops: ReadonlyMap<number, keyof typeof stages>): DropPlan {
  const everybody = Array.from({ length: clientCount }, (_, index) => index);
  const at = (stage: keyof typeof stages): readonly number[] =>
    everybody.filter((index) => !drops.has(index) || stages[drops.get(index)!] > stages[stage]);
  return { clientCount, dealers: at("dealing"), survivors: at("submitting"), signers: at("attesting"), responders: at("revealing") };
}

/** Any plan with at most so many drops among so many clients. */
export function dropPlans(clientCount: number, dropoutMax: number): fc.Arbitrary<DropPlan> {
  const everybody = Array.from({ length: clientCount }, (_, index) => index);
  const stage = fc.constantFrom(...(Object.keys(stages) as (keyof typeof stages)[]));
  return fc
    .tuple(fc.shuffledSubarray(everybody, { maxLength: dropoutMax }), fc.array(stage, { minLength: dropoutMax, maxLength: dropoutMax }))
    .map(([dropping, when]) => dropPlan(clientCount, new Map(dropping.map((index, i) => [index, when[i]!]))));
}

/** Any plan in which exactly so many clients drop, all at one stage. */
export function dropsAtOnce(clientCount: number, dropoutCount: number): fc.Arbitrary<DropPlan> {
  const everybody = Array.from({ length: clientCount }, (_, index) => index);
  const stage = fc.constantFrom(...(Object.keys(stages) as (keyof typeof stages)[]));
  const dropping = fc.shuffledSubarray(everybody, { minLength: dropoutCount, maxLength: dropoutCount });
  return fc.tuple(dropping, stage).map(([gone, when]) => dropPlan(clientCount, new Map(gone.map((index) => [index, when]))));
}

/** The plan in which every `stride`-th client drops, the stages in turn. */
export function spreadDrops(clientCount: number, stride: number): DropPlan {
  const names = Object.keys(stages) as (keyof typeof stages)[];
  const dropping = Array.from({ length: Math.floor(clientCount / stride) }, (_, i) => i * stride);
  return dropPlan(clientCount, new Map(dropping.map((index, i) => [index, names[i % names.length]!])));
}

/** Every client of the fixture advertises and prepares its shares. */
export function everybodyShares(fixture: Fixture): SharingStage {
  return value(
    sharingStage(
      keyingStage(fixture),
      fixture.clients.map((_, number) => number),
    ),
  );
}

/** A session that went by a plan to its end. */
export interface PlayedPlan {
  readonly collecting: CollectingStage;
  readonly unmasking: UnmaskingStage;
  readonly bits: number;
  readonly sum: readonly number[];
}

/** What comes of the plan, whose every stage must have enough clients left. */
export function playedPlan(sharing: SharingStage, { dealers, survivors, signers, responders }: DropPlan): PlayedPlan {
  const collecting = value(collectingStage(sharing, dealers));
  const unmasking = value(unmaskingStage(value(attestingStage(collecting, survivors)), signers));
  return { collecting, unmasking, bits: collecting.bits, sum: [...value(sumOf(unmasking, responders))] };
}
