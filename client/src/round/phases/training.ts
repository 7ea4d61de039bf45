import type { Roster } from "@sotto/identity";
import { isSamePosition } from "@sotto/protocol";
import { checkRoster } from "../../guard/roster-guard.ts";
import { enterSession, opensSession } from "../enter-session.ts";
import type { EventOf, PhaseEvent } from "../event.ts";
import { type Step, stay, withdraw } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Memory, Training } from "../state.ts";

/** Local work first, the protocol after: the window in which a client can be lost is seconds (ARCHITECTURE 3). */
export function stepTraining(state: Training, event: PhaseEvent): Step {
  switch (event.kind) {
    case "roster":
      return takeRoster(state, event);
    case "computed":
      return takeComputed(state, event);
    case "advertise":
      return takeAdvertise(state, event);
    default:
      return outOfTurn(state, event);
  }
}

/** Fetches the model and computes, under a roster that was just checked. */
export function startComputing(state: Training, roster: Roster): Step {
  const { position, plan, modelDigest, modelSizeBytes } = state.offer;
  return {
    state: { ...state, memory: withRoster(state.memory, roster), work: { kind: "computing", roster } },
    effects: [{ kind: "compute", position, plan, modelDigest, modelSizeBytes }],
    consumed: [],
  };
}

function withRoster(memory: Memory, roster: Roster): Memory {
  const { federation, version, digest } = roster;
  const isSeen = memory.seenRoster?.digest === digest;
  return { ...memory, roster, seenRoster: isSeen ? memory.seenRoster : { federation, version, digest } };
}

function takeRoster(state: Training, { bytes, position, at }: EventOf<"roster">): Step {
  if (state.work.kind !== "checking" || !isSamePosition(position, state.position)) return stay(state);
  const { self, memory, offer } = state;
  const roster = checkRoster({ bytes, digest: offer.rosterDigest, at, identity: self, seen: memory.seenRoster });
  if (roster.kind === "refused") return withdraw(state, { position, refusal: roster.refusal, at });
  return startComputing(state, roster.value);
}

function takeComputed(state: Training, { position }: EventOf<"computed">): Step {
  if (state.work.kind !== "computing" || !isSamePosition(position, state.position)) return stay(state);
  return {
    state: { ...state, work: { kind: "computed", roster: state.work.roster } },
    effects: [{ kind: "submit", submission: { kind: "ready", position } }],
    consumed: [],
  };
}

function takeAdvertise(state: Training, event: EventOf<"advertise">): Step {
  if (state.work.kind !== "computed" || !opensSession(state, event.position)) return outOfTurn(state, event);
  return enterSession(state, state.work.roster, event);
}
