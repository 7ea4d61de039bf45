import { assertNever, type Instant } from "@sotto/base";
import { answeredIn, tally } from "./asked.ts";
import { withBlame } from "./blame.ts";
import { attestingMinimum, closeAttesting } from "./phases/attesting.ts";
import { closeCollecting, collectingMinimum } from "./phases/collecting.ts";
import { abandon } from "./phases/ended.ts";
import { closeKeying, keyingMinimum } from "./phases/keying.ts";
import { enterReleasing } from "./phases/releasing.ts";
import { closeSelecting, selectingEnds } from "./phases/selecting.ts";
import { closeSharing, sharingMinimum } from "./phases/sharing.ts";
import { unmaskingIsEnough, unmaskingMinimum } from "./phases/unmasking.ts";
import { phases, type RoundState, type SelectingState, type WaitingState } from "./state.ts";
import type { Step } from "./step-result.ts";

/** Closes the phase if it is over, and the next too should that have nobody to wait for. */
export function settle(step: Step, at: Instant): Step {
  let current = step;
  for (let closed = 0; closed < phases.length; closed++) {
    const { state } = current;
    if (!isWaiting(state) || !isOver(state, at)) return current;
    const next = close(state, at);
    current = { state: next.state, effects: [...current.effects, ...next.effects] };
  }
  return current;
}

/** When the round wants to be stepped again though nobody calls; null when it waits for nothing that time brings. */
export function nextTickAt(state: RoundState, now: Instant): Instant | null {
  if (!isWaiting(state)) return null;
  const { earliestAt, deadlineAt } = state.window;
  return now < earliestAt ? earliestAt : deadlineAt;
}

/** Whether clients are waited for. */
export function isWaiting(state: RoundState): state is WaitingState {
  return state.phase !== "releasing" && state.phase !== "ended";
}

function isOver(state: WaitingState, at: Instant): boolean {
  if (state.phase === "selecting") return selectingEnds(state, at);
  if (state.phase === "unmasking" && unmaskingIsEnough(state)) return true;
  const { answered, missing, awaited } = tally(state);
  if (missing === 0 || at >= state.window.deadlineAt) return true;
  if (answered + missing < minimumOf(state)) return true;
  return at >= state.window.earliestAt && awaited === 0;
}

function close(state: WaitingState, at: Instant): Step {
  if (state.phase === "selecting") return closeSelecting(state, at);
  const answered = answeredIn(state, state.phase);
  const isEnough = state.phase === "unmasking" ? unmaskingIsEnough(state) : answered.length >= minimumOf(state);
  if (isEnough) return goOn(state, at);
  const hasAnswered = new Set(answered);
  const missing = [...state.asked.keys()].filter((client) => !hasAnswered.has(client)).sort();
  return abandon(state, { reason: withBlame(shortage(answered.length, state), state), missing, at });
}

/** Why a phase that closes is not enough. In unmasking enough clients may have answered without the shares that are wanting. */
function shortage(answered: number, state: Exclude<WaitingState, SelectingState>): string {
  const minimum = minimumOf(state);
  if (answered < minimum) return `too few clients: ${answered} answered in ${state.phase} of at least ${minimum}`;
  return `too few shares: those of the ${answered} clients that answered in ${state.phase} do not open the sum`;
}

function goOn(state: Exclude<WaitingState, SelectingState>, at: Instant): Step {
  switch (state.phase) {
    case "keying":
      return closeKeying(state, at);
    case "sharing":
      return closeSharing(state, at);
    case "collecting":
      return closeCollecting(state, at);
    case "attesting":
      return closeAttesting(state, at);
    case "unmasking":
      return enterReleasing(state);
    default:
      return assertNever(state);
  }
}

function minimumOf(state: Exclude<WaitingState, SelectingState>): number {
  switch (state.phase) {
    case "keying":
      return keyingMinimum(state);
    case "sharing":
      return sharingMinimum(state);
    case "collecting":
      return collectingMinimum(state);
    case "attesting":
      return attestingMinimum(state);
    case "unmasking":
      return unmaskingMinimum(state);
    default:
      return assertNever(state);
  }
}
