import { isSamePosition } from "@sotto/protocol";
import { signHeader } from "@sotto/secagg";
import type { EventOf, PhaseEvent } from "../event.ts";
import type { Step } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Submitting } from "../state.ts";

/** The shell is masking: its digest comes next. */
export function stepSubmitting(state: Submitting, event: PhaseEvent): Step {
  if (event.kind === "masked" && isSamePosition(event.position, state.position)) return takeMasked(state, event);
  return outOfTurn(state, event);
}

/** Signs the header of the masked contribution and sends both (SECAGG 2.8, S2). */
function takeMasked(state: Submitting, { position, contributionDigest, sizeBytes }: EventOf<"masked">): Step {
  const { header, state: session } = signHeader(state.session, contributionDigest);
  const { self, memory, offer, roster } = state;
  const declaration = { position, header, sizeBytes };
  return {
    state: { phase: "attesting", self, memory, offer, position, roster, session, declaration },
    effects: [{ kind: "upload", declaration }],
    consumed: [],
  };
}
