import { after, type Instant, type Outcome, ok, refused } from "@sotto/base";
import { isSamePosition, type Position } from "@sotto/protocol";
import { checkPlan } from "../../guard/plan-guard.ts";
import { markOffered } from "../../guard/position-guard.ts";
import type { ClientRefusal } from "../../guard/refusal.ts";
import { checkExpiry } from "../../guard/roster-guard.ts";
import { checkSampled } from "../../guard/sample-guard.ts";
import type { Effect } from "../effect.ts";
import type { EventOf } from "../event.ts";
import { type Step, stay, toWaiting, withdraw } from "../moves.ts";
import { isInRound, type Memory, type Offer, type State, type Training, type Waiting } from "../state.ts";
import { startComputing } from "./training.ts";

/**
 * Takes up a `train` instruction, from whatever phase: a coordinator that offers a new round has left the old one.
 * What is held of an old round is wiped before the new one is looked at.
 */
export function takeOffer(state: State, event: EventOf<"train">): Step {
  const known = knownOffer(state);
  if (known !== null && isSamePosition(known, event.position)) return repeatOffer(state);
  const left = toWaiting(state, event.at);
  const checked = checkOffer(left.state, event);
  if (checked.kind === "refused") {
    return withdraw(state, { position: event.position, refusal: checked.refusal, at: event.at });
  }
  const { memory, offer } = checked.value;
  const training: Training = {
    phase: "training",
    self: state.self,
    memory,
    offer,
    position: offer.position,
    work: { kind: "checking" },
  };
  return begin(training, left, event.at);
}

function begin(training: Training, left: Step, at: Instant): Step {
  const { self, memory, offer, position } = training;
  const wake: Effect = { kind: "wake", position, at: after(at, self.policy.maxRoundSeconds * 1000) };
  const effects = [...left.effects, wake];
  if (memory.roster?.digest !== offer.rosterDigest) {
    const fetch: Effect = { kind: "fetch-roster", position, digest: offer.rosterDigest };
    return { state: training, effects: [...effects, fetch], consumed: left.consumed };
  }
  const roster = checkExpiry(memory.roster, at);
  if (roster.kind === "refused") {
    const step = withdraw(training, { position, refusal: roster.refusal, at });
    return { ...step, consumed: left.consumed };
  }
  const step = startComputing(training, roster.value);
  return { state: step.state, effects: [...effects, ...step.effects], consumed: left.consumed };
}

/** The position of the offer that a state came from or ended at. */
function knownOffer(state: State): Position | null {
  if (isInRound(state)) return state.offer.position;
  return state.phase === "ended" ? state.position : null;
}

/** A repeated offer is answered again with what was answered: `ready`, once it is. */
function repeatOffer(state: State): Step {
  if (state.phase !== "training" || state.work.kind !== "computed") return stay(state);
  return stay(state, { kind: "submit", submission: { kind: "ready", position: state.position } });
}

function checkOffer(state: Waiting, event: EventOf<"train">): Outcome<{ memory: Memory; offer: Offer }, ClientRefusal> {
  const { policy } = state.self;
  const marks = markOffered(state.memory.marks, event.position);
  if (marks.kind === "refused") return marks;
  const gap = checkGap(state, event.at);
  if (gap.kind === "refused") return gap;
  const accepted = checkPlan(event, policy);
  if (accepted.kind === "refused") return accepted;
  const sampled = checkSampled(
    { plan: accepted.value.plan, round: event.position.round, modelDigest: event.modelDigest },
    state.self.client,
  );
  if (sampled.kind === "refused") return sampled;
  const { position, modelDigest, modelSizeBytes, rosterDigest } = event;
  return ok({
    memory: { ...state.memory, marks: marks.value },
    offer: { ...accepted.value, position, modelDigest, modelSizeBytes, rosterDigest },
  });
}

function checkGap({ self, memory }: Waiting, at: Instant): Outcome<null, ClientRefusal> {
  const gapSeconds = self.policy.minRoundGapSeconds;
  if (memory.leftAt === null || at >= after(memory.leftAt, gapSeconds * 1000)) return ok(null);
  const passed = Math.floor((at - memory.leftAt) / 1000);
  return refused("policy", `a round ${passed} s after the last must come after minRoundGapSeconds ${gapSeconds}`);
}
