import { type ClientId, type Instant, ok } from "@sotto/base";
import { mayAsk } from "../../cohort/sample.ts";
import { newlyAsked, readyClients, tally } from "../asked.ts";
import type { RoundSetup, SelectingState } from "../state.ts";
import type { Step, Taken } from "../step-result.ts";
import { abandon } from "./ended.ts";
import { enterKeying } from "./keying.ts";
import { phaseRecord } from "./record.ts";
import { openWindow } from "./window.ts";

/** A round that begins by asking these clients, at least `setup.clientsMin` of them: only then does its clock start. */
export function enterSelecting(setup: RoundSetup, begin: { readonly clients: readonly ClientId[]; readonly at: Instant }): Step {
  const state: SelectingState = {
    phase: "selecting",
    setup,
    startedAt: begin.at,
    asked: new Map(begin.clients.map((client) => [client, newlyAsked])),
    window: openWindow(setup.rules.selecting, begin.at),
    lastReadyAt: begin.at,
  };
  return { state, effects: [phaseRecord(state)] };
}

/** How many more clients can be asked: those who left make room, those who are lost may come back and do not. */
export function roomIn(state: SelectingState): number {
  const seated = [...state.asked.values()].filter((asked) => asked.drop === null).length;
  return Math.max(0, state.setup.rules.count.max - seated);
}

/** Asks one more client, if it may be asked, was not before, and there is room. */
export function join(state: SelectingState, client: ClientId): Step {
  if (state.asked.has(client) || roomIn(state) === 0 || !mayAsk(state.setup.sample, client)) return { state, effects: [] };
  const joined = { ...state, asked: new Map(state.asked).set(client, newlyAsked) };
  return { state: joined, effects: [phaseRecord(joined)] };
}

/** A client has trained. */
export function takeReady(state: SelectingState, event: { readonly client: ClientId; readonly at: Instant }): Taken {
  const repeated = state.asked.get(event.client)?.answered === "selecting";
  return ok({ state: repeated ? state : { ...state, lastReadyAt: event.at }, repeated });
}

/**
 * Whether the phase is over: enough for the goal, or everyone still there ready after the minimal time, or the deadline;
 * or nobody is left who could become ready.
 */
export function selectingEnds(state: SelectingState, at: Instant): boolean {
  const { left, awaited, ready } = tally(state);
  const { clientsMin, rules } = state.setup;
  if (ready >= Math.max(rules.count.goal, clientsMin)) return true;
  if (at >= state.window.deadlineAt) return true;
  if (at >= state.window.earliestAt && ready >= clientsMin && awaited === 0) return true;
  return left === 0;
}

/** Goes on to keying with the ready clients, or abandons the round when they are too few. */
export function closeSelecting(state: SelectingState, at: Instant): Step {
  const ready = readyClients(state);
  if (ready.length >= state.setup.clientsMin) return enterKeying(state, { candidates: ready, at });
  const missing = [...state.asked.keys()].filter((client) => !ready.includes(client)).sort();
  return abandon(state, {
    reason: `too few clients: ${ready.length} were ready of at least ${state.setup.clientsMin}`,
    missing,
    at,
  });
}
