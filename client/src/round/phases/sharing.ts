import { seededRng, seedFrom } from "@sotto/crypto";
import { isSamePosition } from "@sotto/protocol";
import { prepareMasks } from "@sotto/secagg";
import { markSpent } from "../../guard/position-guard.ts";
import { enterSession, opensSession } from "../enter-session.ts";
import type { EventOf, PhaseEvent } from "../event.ts";
import { type Step, withdraw } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Sharing } from "../state.ts";

/** Its shares are dealt: the shares dealt to it come next, or another session. */
export function stepSharing(state: Sharing, event: PhaseEvent): Step {
  if (event.kind === "mask" && isSamePosition(event.position, state.position)) return takeShares(state, event);
  if (event.kind === "advertise" && opensSession(state, event.position)) return enterSession(state, state.roster, event);
  return outOfTurn(state, event);
}

/**
 * Opens the shares and gives up the update to be masked (SECAGG 2.8, S2). The round is marked spent here, before the shell
 * begins: two sums over sets that differ by one client reveal that client, so no update is masked twice.
 */
function takeShares(state: Sharing, { request, position, seed, at }: EventOf<"mask">): Step {
  const prepared = prepareMasks(state.session, request);
  if (prepared.kind === "refused") return withdraw(state, { position, refusal: prepared.refusal, at });
  const { masks, cohortSize, state: session, consumed } = prepared.value;
  const { self, memory, offer, roster } = state;
  const marks = markSpent(memory.marks, position);
  const roundingSeed = seedFrom(seededRng(seed));
  return {
    state: { phase: "submitting", self, memory: { ...memory, marks }, offer, position, roster, session },
    effects: [{ kind: "mask", position, plan: offer.plan, cohortSize, masks, seed: roundingSeed }],
    consumed,
  };
}
