import { assertNever, type FlErrorCode } from "@sotto/base";
import { isSamePosition, type Position } from "@sotto/protocol";
import type { ClientRefusal } from "../guard/refusal.ts";
import type { Notice } from "./effect.ts";
import type { CommonEvent, Errand, EventOf, Sent } from "./event.ts";
import { type Step, stay, toWaiting, turnAway, withdraw } from "./moves.ts";
import { takeOffer } from "./phases/waiting.ts";
import { isInRound, type Phase, type State } from "./state.ts";

/** An event that means the same in every phase. */
export function stepInAnyPhase(state: State, event: CommonEvent): Step {
  switch (event.kind) {
    case "unchanged":
      return stay(state);
    case "idle":
      return rest(state, event, { kind: "idle" });
    case "stand-down":
      return rest(state, event, { kind: "stood-down", position: event.position, reason: event.reason });
    case "train":
      return takeOffer(state, event);
    case "failed":
      return takeFailure(state, event);
    case "answered":
      return takeAnswer(state, event);
    case "undelivered":
      return takeSilence(state, event);
    case "deadline":
      return takeDeadline(state, event);
    case "stopped":
      return takeStop(state, event);
    default:
      return assertNever(event);
  }
}

/** The coordinator's word that nothing is wanted ends whatever is under way. */
function rest(state: State, { at }: CommonEvent, notice: Notice): Step {
  const left = toWaiting(state, at);
  return { ...left, effects: [...left.effects, { kind: "notice", notice }] };
}

function takeFailure(state: State, { position, during, code, at }: EventOf<"failed">): Step {
  if (!isCurrent(state, position)) return stay(state);
  return withdraw(state, { position, refusal: refusalOf(during, code), at });
}

/** What was fetched, again and again, and is not what its digest names is the coordinator's doing. */
function refusalOf(during: Errand, code: FlErrorCode): ClientRefusal {
  if (code === "data-loss" && during !== "mask") {
    return { code: "digest-mismatch", message: `${errands[during]} failed: what came has not the digest that was named` };
  }
  return { code: "local-failure", message: `${errands[during]} failed with ${code}; why is in this client's log` };
}

/** What the coordinator is told: a failure's own words might quote local files. */
const errands = { roster: "fetching the roster", compute: "computing the contribution", mask: "masking the contribution" } as const;

/** The message whose answer matters: a coordinator that gave the next instruction has taken the ones before. */
const awaited: Readonly<Record<Phase, Sent | null>> = {
  waiting: null,
  training: "ready",
  keying: "advert",
  sharing: "shares",
  submitting: null,
  attesting: "upload",
  revealing: "attestation",
  ended: null,
};

function takeAnswer(state: State, { position, about, answer, at }: EventOf<"answered">): Step {
  if (about !== awaited[state.phase] || !isCurrent(state, position)) return stay(state);
  switch (answer.kind) {
    case "accepted":
    case "duplicate":
      return stay(state);
    case "stale": {
      const message = `${about} came after its time; the task is in round ${answer.round}`;
      return turnAway(state, { position, refusal: { code: "stale", message }, at });
    }
    case "refused": {
      const { code, message } = answer;
      return turnAway(state, { position, refusal: { code, message: `${about}: ${message}` }, at });
    }
    default:
      return assertNever(answer);
  }
}

function takeSilence(state: State, { position, about, at }: EventOf<"undelivered">): Step {
  if (about !== awaited[state.phase] || !isCurrent(state, position)) return stay(state);
  return turnAway(state, { position, refusal: { code: "undelivered", message: `${about} could not be delivered` }, at });
}

function takeDeadline(state: State, { position, at }: EventOf<"deadline">): Step {
  if (!isInRound(state) || !isSamePosition(position, state.offer.position)) return stay(state);
  const message = `the round lasts longer than maxRoundSeconds ${state.self.policy.maxRoundSeconds}`;
  return withdraw(state, { position: state.position, refusal: { code: "round-too-long", message }, at });
}

function takeStop(state: State, { at }: EventOf<"stopped">): Step {
  if (!isInRound(state)) return stay(state);
  return withdraw(state, { position: state.position, refusal: { code: "stopping", message: "the client is being stopped" }, at });
}

/** Whether a result is of the session the state is in; a late one of another is not its concern. */
function isCurrent(state: State, position: Position): boolean {
  return isInRound(state) && isSamePosition(position, state.position);
}
