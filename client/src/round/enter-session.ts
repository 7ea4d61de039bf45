import { type Outcome, ok, refused } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import type { Position } from "@sotto/protocol";
import { advertise, type SessionContext } from "@sotto/secagg";
import { checkContext } from "../guard/context-guard.ts";
import { isBefore, type Marks, markEntered } from "../guard/position-guard.ts";
import type { ClientRefusal } from "../guard/refusal.ts";
import { checkExpiry } from "../guard/roster-guard.ts";
import type { EventOf } from "./event.ts";
import { type Step, secretsIn, withdraw } from "./moves.ts";
import type { Keying, Sharing, Training } from "./state.ts";

/** A state whose update is computed and was never masked. */
export type Unspent = Training | Keying | Sharing;

/** Whether `position` begins a session of this state's round: the first, or one above the one it is in. */
export function opensSession(state: Unspent, position: Position): boolean {
  const { task, round } = state.offer.position;
  if (position.task !== task || position.round !== round) return false;
  return state.phase === "training" ? !isBefore(position, state.position) : isBefore(state.position, position);
}

/**
 * Makes the keys of a session and advertises them (SECAGG 2.8, S0). A session after another of the same round begins with new
 * keys and the same update: nothing masked has left this client yet.
 */
export function enterSession(state: Unspent, roster: Roster, event: EventOf<"advertise">): Step {
  const { position, at } = event;
  const entry = checkEntry(state, roster, event);
  if (entry.kind === "refused") return withdraw(state, { position, refusal: entry.refusal, at });
  const { context, marks } = entry.value;
  const { self, memory, offer } = state;
  const { advert, state: session } = advertise({ context, client: self.client, signingKey: self.signingKey, seed: event.seed });
  const sent = { kind: "advert", position, advert } as const;
  return {
    state: { phase: "keying", self, memory: { ...memory, marks }, offer, position, roster, session, sent },
    effects: [{ kind: "submit", submission: sent }],
    consumed: secretsIn(state),
  };
}

function checkEntry(
  state: Unspent,
  roster: Roster,
  { position, context: offered, at }: EventOf<"advertise">,
): Outcome<{ context: SessionContext; marks: Marks }, ClientRefusal> {
  const { self, memory, offer } = state;
  const sessionsMax = self.policy.maxSessionsPerRound;
  if (position.session >= sessionsMax) {
    return refused("policy", `session ${position.session} of a round must be below maxSessionsPerRound ${sessionsMax}`);
  }
  const marks = markEntered(memory.marks, position);
  if (marks.kind === "refused") return marks;
  const inForce = checkExpiry(roster, at);
  if (inForce.kind === "refused") return inForce;
  const { planDigest, modelDigest } = offer;
  const { federation, digest: rosterDigest } = roster;
  const { round, session } = position;
  const context = checkContext({ federation, rosterDigest, planDigest, modelDigest, round, session }, offered);
  return context.kind === "refused" ? context : ok({ context: context.value, marks: marks.value });
}
