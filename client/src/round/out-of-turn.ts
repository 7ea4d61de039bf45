import { isSamePosition, type Position } from "@sotto/protocol";
import { alreadySigned, attestedAt, isBefore, isSpent, spent } from "../guard/position-guard.ts";
import type { ClientRefusal } from "../guard/refusal.ts";
import type { Effect } from "./effect.ts";
import type { PhaseEvent, SessionEvent } from "./event.ts";
import { type Step, stay, withdraw } from "./moves.ts";
import type { Phase, State } from "./state.ts";

const turns: Readonly<Record<SessionEvent["kind"], number>> = { advertise: 0, "share-keys": 1, mask: 2, attest: 3, reveal: 4 };

/** The turn each phase waits for; all before it are done. */
const turnsDone: Readonly<Record<Phase, number>> = {
  waiting: 0,
  training: 0,
  keying: 1,
  sharing: 2,
  submitting: 3,
  attesting: 3,
  revealing: 4,
  ended: 5,
};

/**
 * An event that the phase does not take up. A late result is dropped; an instruction already answered is answered again with the same
 * bytes; one from before is dropped; one that this client cannot follow makes it withdraw.
 */
export function outOfTurn(state: State, event: PhaseEvent): Step {
  switch (event.kind) {
    case "roster":
    case "computed":
    case "masked":
      return stay(state);
    default:
      return unfollowed(state, event);
  }
}

function unfollowed(state: State, event: SessionEvent): Step {
  const { position, at } = event;
  const leave = (refusal: ClientRefusal): Step => withdraw(state, { position, refusal, at });
  if (state.phase === "waiting") return leave(notFollowed(state, event));
  if (isSamePosition(position, state.position)) {
    const done = turnsDone[state.phase];
    if (turns[event.kind] >= done) {
      return leave({ code: "wrong-phase", message: `${event.kind} came while the client is ${state.phase}` });
    }
    return turns[event.kind] === done - 1 ? stay(state, ...lastSent(state)) : stay(state);
  }
  if (isOlder(position, state.position)) return stay(state);
  return leave(notFollowed(state, event));
}

/** Whether `position` is of a session that `current` came after. */
function isOlder(position: Position, current: Position): boolean {
  return position.task === current.task && isBefore(position, current);
}

/** Why a session is not followed that this client is not in. What an earlier process of it did there binds it too. */
function notFollowed({ memory: { marks } }: State, { kind, position }: SessionEvent): ClientRefusal {
  if (kind === "advertise" && isSpent(marks, position)) return spent(position).refusal;
  const attested = kind === "attest" ? attestedAt(marks, position) : null;
  if (attested !== null) return alreadySigned(position, attested).refusal;
  return { code: "no-session", message: `${kind} came for a session that this client holds nothing of` };
}

/** What was last sent in the session, to be sent again byte for byte. */
function lastSent(state: State): readonly Effect[] {
  switch (state.phase) {
    case "keying":
    case "sharing":
    case "revealing":
      return [{ kind: "submit", submission: state.sent }];
    case "attesting":
      return [{ kind: "upload", declaration: state.declaration }];
    default:
      return [];
  }
}
