import { after, assertNever } from "@sotto/base";
import type { Effect } from "./effect.ts";
import { type CommonEvent, type Event, type InstructionEvent, isInstruction, type PhaseEvent } from "./event.ts";
import { stepInAnyPhase } from "./in-any-phase.ts";
import { assertInvariants } from "./invariants.ts";
import type { Step } from "./moves.ts";
import { outOfTurn } from "./out-of-turn.ts";
import { stepAttesting } from "./phases/attesting.ts";
import { stepKeying } from "./phases/keying.ts";
import { stepRevealing } from "./phases/revealing.ts";
import { stepSharing } from "./phases/sharing.ts";
import { stepSubmitting } from "./phases/submitting.ts";
import { stepTraining } from "./phases/training.ts";
import type { State } from "./state.ts";

/** Pause after an answer that changed nothing: a coordinator that repeats itself must not keep a client spinning. */
const repeatPauseMs = 1000;
const unchangedPauseMs = 100;
/** Longest pause a coordinator can ask for. */
const retryAfterMsMax = 3_600_000;

/**
 * One event: the next state, what the shell is to do, and the secrets it is to wipe. Total, synchronous, and it changes nothing that it is given.
 * @throws FlError `internal` when a step would break an invariant of `round/SPEC.md`: a bug
 */
export function step(state: State, event: Event): Step {
  const taken = told(state, takeUp(state, event));
  const next = isInstruction(event) ? pollNext(state, event, taken) : taken;
  assertInvariants({ before: state, event, next });
  return next;
}

function takeUp(state: State, event: Event): Step {
  return isCommon(event) ? stepInAnyPhase(state, event) : stepPhase(state, event);
}

function stepPhase(state: State, event: PhaseEvent): Step {
  switch (state.phase) {
    case "waiting":
    case "ended":
      return outOfTurn(state, event);
    case "training":
      return stepTraining(state, event);
    case "keying":
      return stepKeying(state, event);
    case "sharing":
      return stepSharing(state, event);
    case "submitting":
      return stepSubmitting(state, event);
    case "attesting":
      return stepAttesting(state, event);
    case "revealing":
      return stepRevealing(state, event);
    default:
      return assertNever(state);
  }
}

function isCommon(event: Event): event is CommonEvent {
  switch (event.kind) {
    case "advertise":
    case "share-keys":
    case "mask":
    case "attest":
    case "reveal":
    case "roster":
    case "computed":
    case "masked":
      return false;
    default:
      return true;
  }
}

/** Tells the owner when the phase changed. */
function told(before: State, next: Step): Step {
  const { state } = next;
  if (state.phase === before.phase) return next;
  const position = state.phase === "waiting" ? null : state.position;
  const change: Effect = { kind: "notice", notice: { kind: "phase", from: before.phase, to: state.phase, position } };
  return { ...next, effects: [change, ...next.effects] };
}

/** The one long poll that is always outstanding; its cursor moves when an instruction was taken up. */
function pollNext(before: State, event: InstructionEvent, next: Step): Step {
  const isTaken = next.state !== before && "position" in event;
  const cursor = isTaken ? { ...event.position, kind: event.kind } : before.memory.cursor;
  const state: State = isTaken ? { ...next.state, memory: { ...next.state.memory, cursor } } : next.state;
  const poll: Effect = { kind: "poll", cursor, notBefore: after(event.at, pauseMs(event, next.state !== before)) };
  return { state, effects: [...next.effects, poll], consumed: [...next.consumed, event.seed] };
}

function pauseMs(event: InstructionEvent, isTaken: boolean): number {
  switch (event.kind) {
    case "idle":
    case "stand-down":
      return Math.min(Math.max(event.retryAfterMs, unchangedPauseMs), retryAfterMsMax);
    case "unchanged":
      return unchangedPauseMs;
    default:
      return isTaken ? 0 : repeatPauseMs;
  }
}
