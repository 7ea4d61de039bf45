import { isSamePosition } from "@sotto/protocol";
import { reveal } from "@sotto/secagg";
import type { EventOf, PhaseEvent } from "../event.ts";
import { type Step, withdraw } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Revealing } from "../state.ts";

/** It signed the survivors: the quorum's signatures come next. */
export function stepRevealing(state: Revealing, event: PhaseEvent): Step {
  if (event.kind === "reveal" && isSamePosition(event.position, state.position)) return takeSignatures(state, event);
  return outOfTurn(state, event);
}

/** Releases one kind of share of each owner, once a quorum signed the same survivors (SECAGG 2.8, S4). */
function takeSignatures(state: Revealing, { signatures, position, at }: EventOf<"reveal">): Step {
  const revealed = reveal(state.session, signatures);
  if (revealed.kind === "refused") return withdraw(state, { position, refusal: revealed.refusal, at });
  const { shares, consumed } = revealed.value;
  const { self, memory } = state;
  return {
    state: { phase: "ended", self, memory: { ...memory, leftAt: at }, position, ending: { kind: "revealed" } },
    effects: [
      { kind: "submit", submission: { kind: "reveal", position, shares } },
      { kind: "notice", notice: { kind: "done", position } },
    ],
    consumed,
  };
}
