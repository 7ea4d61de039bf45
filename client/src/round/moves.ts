import type { Instant, Refusal } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import { secretsOf } from "@sotto/secagg";
import type { ClientRefusal } from "../guard/refusal.ts";
import type { Effect } from "./effect.ts";
import { type Ended, type Ending, isInRound, isInSession, type Memory, type State, type Waiting } from "./state.ts";

/** What one event comes to. */
export interface Step {
  readonly state: State;
  /** In the order the shell is to begin them. */
  readonly effects: readonly Effect[];
  /** Secrets that no state and no effect needs any more: the shell wipes them at once. */
  readonly consumed: readonly Uint8Array[];
}

/** Why, where and when a client leaves a round. */
export interface Leave<R extends Refusal> {
  readonly position: Position;
  readonly refusal: R;
  readonly at: Instant;
}

/** Nothing changes: the event is late, repeated, or of no concern. */
export function stay(state: State, ...effects: readonly Effect[]): Step {
  return { state, effects, consumed: [] };
}

/** Everything secret in a state. */
export function secretsIn(state: State): readonly Uint8Array[] {
  return isInSession(state) ? secretsOf(state.session) : [];
}

/** Secrets that an effect hands to the shell, which wipes them when it is done. */
export function secretsInEffect(effect: Effect): readonly Uint8Array[] {
  if (effect.kind === "mask") return [effect.seed, ...effect.masks.map(({ key }) => key)];
  if (effect.kind === "submit" && effect.submission.kind === "reveal") return effect.submission.reveal.shares.map(({ share }) => share);
  return [];
}

/** Out of any round, with nothing of it kept. */
export function toWaiting(state: State, at: Instant): Step & { readonly state: Waiting } {
  return {
    state: { phase: "waiting", self: state.self, memory: leaveRound(state, at) },
    effects: [{ kind: "drop", what: "round" }],
    consumed: secretsIn(state),
  };
}

/** Leaves by this client's own checks: everything is wiped, and the coordinator is told why. */
export function withdraw(state: State, { position, refusal, at }: Leave<ClientRefusal>): Step {
  const reason = `${refusal.code}: ${refusal.message}`;
  const left = toWaiting(state, at);
  return end(left, position, { kind: "withdrew", code: refusal.code }, [
    { kind: "notice", notice: { kind: "refused", position, refusal } },
    { kind: "submit", submission: { kind: "withdrawal", position, reason } },
  ]);
}

/** Leaves because the coordinator will not have this client's message, or cannot be reached with it. */
export function turnAway(state: State, { position, refusal, at }: Leave<Refusal>): Step {
  const { code, message } = refusal;
  return end(toWaiting(state, at), position, { kind: "turned-away", code }, [
    { kind: "notice", notice: { kind: "turned-away", position, code, message } },
  ]);
}

function end(left: Step & { readonly state: Waiting }, position: Position, ending: Ending, effects: readonly Effect[]): Step {
  const { self, memory } = left.state;
  const state: Ended = { phase: "ended", self, memory, position, ending };
  return { state, effects: [...left.effects, ...effects], consumed: left.consumed };
}

/** A clock that was set back makes the time since the last round unknown: it is then counted from now. */
function leaveRound(state: State, at: Instant): Memory {
  const { memory } = state;
  const isSetBack = memory.leftAt !== null && memory.leftAt > at;
  return isInRound(state) || isSetBack ? { ...memory, leftAt: at } : memory;
}
