import { isSamePosition } from "@sotto/protocol";
import { withClient } from "./asked.ts";
import type { PresenceEvent } from "./event.ts";
import type { RoundState } from "./state.ts";

/**
 * A client of the round asks what to do: it is there. When its cursor is not of this round, it was started anew: session secrets live in
 * memory only, so in a session it is out for good; while training is asked for, it trains again.
 */
export function polled(state: RoundState, event: Extract<PresenceEvent, { kind: "polled" }>): RoundState {
  const { client, cursor } = event;
  const present = state.asked.get(client)?.present === true ? state : withClient(state, client, { present: true });
  const holdsRound = cursor !== null && cursor.kind !== "stand-down" && isSamePosition(cursor, state.setup.position);
  if (holdsRound) return present;
  if (state.phase === "selecting") return withClient(present, client, { answered: null });
  return withClient(present, client, { drop: { phase: state.phase, reason: "restarted and lost its session" } });
}
