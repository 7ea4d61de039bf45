import { invariant } from "@sotto/base";
import { isSamePosition, type Position } from "@sotto/protocol";
import { isBefore, isSpent, type Mark } from "../guard/position-guard.ts";
import type { Effect } from "./effect.ts";
import { type Event, isInstruction } from "./event.ts";
import { type Step, secretsIn } from "./moves.ts";
import { isInRound, isInSession, type State } from "./state.ts";
import { transitions } from "./transition.ts";

/** One step, whole. */
export interface Move {
  readonly before: State;
  readonly event: Event;
  readonly next: Step;
}

/** What no step of a client breaks, numbered as in round/SPEC.md. */
export const invariants: readonly { readonly claim: string; readonly holds: (move: Move) => boolean }[] = [
  { claim: "1: the phase changes only as transitions says", holds: movesByTable },
  { claim: "2: every secret of the state left is kept, handed to masking, or consumed", holds: losesNoSecret },
  { claim: "3: nothing consumed is still in use", holds: consumesNothingInUse },
  { claim: "4: marks and the roster version never go down", holds: remembersUpwards },
  { claim: "5: session keys are made only for a session above the last one entered", holds: entersUpwards },
  { claim: "6: an update is handed to masking once, and its round is spent from then on", holds: masksOnce },
  { claim: "7: masking happens only in a cohort the policy and the plan both allow", holds: masksInCompany },
  { claim: "8: one long poll follows an instruction, none anything else", holds: pollsOnce },
  { claim: "9: a session has one attestation: a new one is made only on leaving attesting", holds: attestsOnce },
  { claim: "10: shares are revealed only on leaving revealing, which ends the round", holds: revealsLast },
  { claim: "11: a client that refuses says so once and has ended", holds: withdrawsOnce },
  { claim: "12: what is sent is of the session the client is in", holds: sendsInPosition },
  { claim: "13: leaving a round drops its work", holds: dropsOnLeaving },
];

/** @throws FlError `internal` naming the first invariant the move breaks */
export function assertInvariants(move: Move): void {
  for (const { claim, holds } of invariants) invariant(holds(move), claim);
}

function movesByTable({ before, event, next }: Move): boolean {
  return transitions[before.phase][event.kind].includes(next.state.phase);
}

function losesNoSecret({ before, next }: Move): boolean {
  const accounted = new Set([...secretsIn(next.state), ...next.consumed, ...next.effects.flatMap(secretsOfEffect)]);
  return secretsIn(before).every((secret) => accounted.has(secret));
}

function consumesNothingInUse({ next }: Move): boolean {
  const inUse = new Set([...secretsIn(next.state), ...next.effects.flatMap(secretsOfEffect)]);
  return !inUse.has(next.state.self.signingKey) && next.consumed.every((secret) => !inUse.has(secret));
}

/** Secrets that an effect hands to the shell, which wipes them when it is done. */
function secretsOfEffect(effect: Effect): readonly Uint8Array[] {
  if (effect.kind === "mask") return [effect.seed, ...effect.masks.map(({ key }) => key)];
  if (effect.kind === "submit" && effect.submission.kind === "reveal") return effect.submission.shares.map(({ share }) => share);
  return [];
}

function remembersUpwards({ before, next }: Move): boolean {
  const { marks, roster } = before.memory;
  const later = next.state.memory;
  const isKept = [...marks].every(([task, mark]) => isAtLeast(later.marks.get(task), mark));
  return isKept && (roster === null || (later.roster !== null && later.roster.version >= roster.version));
}

function isAtLeast(later: Mark | undefined, mark: Mark): boolean {
  if (later === undefined || isBefore(later.offered, mark.offered) || later.spentRound < mark.spentRound) return false;
  return mark.entered === null || (later.entered !== null && !isBefore(later.entered, mark.entered));
}

function entersUpwards({ before, next }: Move): boolean {
  const { state } = next;
  if (state.phase !== "keying" || (before.phase === "keying" && before.session === state.session)) return true;
  const last = before.memory.marks.get(state.position.task)?.entered ?? null;
  const now = state.memory.marks.get(state.position.task)?.entered ?? null;
  return (last === null || isBefore(last, state.position)) && now !== null && !isBefore(now, state.position);
}

function masksOnce({ before, next }: Move): boolean {
  return masksOf(next).every(
    ({ position }) =>
      !isSpent(before.memory.marks, position) && isSpent(next.state.memory.marks, position) && next.state.phase === "submitting",
  );
}

function masksInCompany({ next }: Move): boolean {
  const { policy } = next.state.self;
  return masksOf(next).every(({ cohortSize, plan }) => cohortSize >= Math.max(policy.minCohort, plan.aggregation.cohortSizeMin));
}

function pollsOnce({ event, next }: Move): boolean {
  return countOf(next, "poll") === (isInstruction(event) ? 1 : 0);
}

function attestsOnce({ before, next }: Move): boolean {
  const attestations = submissionsOf(next).filter(({ kind }) => kind === "attestation");
  if (before.phase === "attesting") return attestations.length <= 1;
  return attestations.every((attestation) => before.phase === "revealing" && attestation === before.sent);
}

function revealsLast({ before, next }: Move): boolean {
  const reveals = submissionsOf(next).filter(({ kind }) => kind === "reveal");
  return reveals.length === 0 || (reveals.length === 1 && before.phase === "revealing" && next.state.phase === "ended");
}

function withdrawsOnce({ next }: Move): boolean {
  const withdrawals = submissionsOf(next).filter(({ kind }) => kind === "withdrawal").length;
  const refusals = next.effects.filter((effect) => effect.kind === "notice" && effect.notice.kind === "refused").length;
  return withdrawals === refusals && withdrawals <= 1 && (withdrawals === 0 || next.state.phase === "ended");
}

function sendsInPosition({ next }: Move): boolean {
  const { state } = next;
  const here = state.phase === "waiting" ? null : state.position;
  const positions = next.effects.flatMap((effect) => positionOf(effect) ?? []);
  return positions.every((position) => here !== null && isSamePosition(position, here));
}

function dropsOnLeaving({ before, next }: Move): boolean {
  const { state } = next;
  if (!isInRound(before) || (isInRound(state) && state.offer === before.offer)) return true;
  // What is left of a revealed round is the message that reveals: its contribution was dropped when the survivors were fixed.
  if (state.phase === "ended" && state.ending.kind === "revealed") return !isInSession(state);
  return next.effects.some((effect) => effect.kind === "drop" && effect.what === "round");
}

function positionOf(effect: Effect): Position | null {
  switch (effect.kind) {
    case "submit":
      return effect.submission.position;
    case "upload":
      return effect.declaration.position;
    case "compute":
    case "mask":
      return effect.position;
    default:
      return null;
  }
}

function masksOf(next: Step): readonly Extract<Effect, { kind: "mask" }>[] {
  return next.effects.filter((effect) => effect.kind === "mask");
}

function submissionsOf(next: Step): readonly Extract<Effect, { kind: "submit" }>["submission"][] {
  return next.effects.flatMap((effect) => (effect.kind === "submit" ? [effect.submission] : []));
}

function countOf(next: Step, kind: Effect["kind"]): number {
  return next.effects.filter((effect) => effect.kind === kind).length;
}
