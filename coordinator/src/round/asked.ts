import { type ClientId, invariant } from "@sotto/base";
import type { AskedClient, Phase, RoundState } from "./state.ts";

/** What is known of a client that was just asked. */
export const newlyAsked: AskedClient = { present: true, answered: null, drop: null, convictions: [], sentBytes: 0 };

/** The round with what it knows of one client changed; the client must have been asked. */
export function withClient<S extends RoundState>(state: S, client: ClientId, change: Partial<AskedClient>): S {
  const before = state.asked.get(client);
  invariant(before !== undefined, `${client} was asked`);
  return { ...state, asked: new Map(state.asked).set(client, { ...before, ...change }) };
}

/** The clients whose message of this phase counted, sorted. */
export function answeredIn(state: RoundState, phase: Phase): readonly ClientId[] {
  return clientsWhere(state, (asked) => asked.answered === phase);
}

/** How a phase stands, by the number of its clients. */
export interface Tally {
  /** Clients that are not out of the round. */
  readonly left: number;
  /** Clients whose message of this phase counted. */
  readonly answered: number;
  /** Clients still in the round whose message is missing. Those lost may come back. */
  readonly missing: number;
  /** Of the missing those still there: the only ones worth waiting for. */
  readonly awaited: number;
  /** How many {@link readyClients} there are. */
  readonly ready: number;
}

/** Counts the clients of a phase in one pass: it is asked after every event. */
export function tally({ asked, phase }: RoundState): Tally {
  let [left, answered, missing, awaited, ready] = [0, 0, 0, 0, 0];
  for (const one of asked.values()) {
    if (one.drop === null) left++;
    if (isReady(one)) ready++;
    if (one.answered === phase) answered++;
    else if (one.drop === null) {
      missing++;
      if (one.present) awaited++;
    }
  }
  return { left, answered, missing, awaited, ready };
}

/** Clients that trained and are still there: who a session can begin with. */
export function readyClients(state: RoundState): readonly ClientId[] {
  return clientsWhere(state, isReady);
}

/** Whether the client is in the round now: asked and not out of it. */
export function takesPart(state: RoundState, client: ClientId): boolean {
  return state.phase !== "ended" && state.asked.get(client)?.drop === null;
}

/** The round with every client that did not answer in this phase out of it, and the reason kept. */
export function dropUnanswered<S extends RoundState>(state: S): S {
  const asked = new Map(state.asked);
  for (const [client, one] of asked) {
    if (one.drop !== null || (one.answered === state.phase && (one.present || state.phase !== "selecting"))) continue;
    asked.set(client, { ...one, drop: { phase: state.phase, reason: lateReason(one, state.phase) } });
  }
  return { ...state, asked };
}

function lateReason(asked: AskedClient, phase: Phase): string {
  if (!asked.present) return "connection lost";
  return phase === "selecting" ? "was still training" : "did not answer in time";
}

function isReady({ drop, present, answered }: AskedClient): boolean {
  return drop === null && present && answered !== null;
}

function clientsWhere(state: RoundState, holds: (asked: AskedClient) => boolean): readonly ClientId[] {
  return [...state.asked]
    .filter(([, asked]) => holds(asked))
    .map(([client]) => client)
    .sort();
}
