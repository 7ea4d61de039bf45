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

/** Releases one kind of share of each owner, once a quorum signed the same survivors and its neighbours masked with them (SECAGG 2.8, S4). */
function takeSignatures(state: Revealing, { request, position, at }: EventOf<"reveal">): Step {
  const answered = reveal(state.session, request);
  if (answered.kind === "refused") return withdraw(state, { position, refusal: answered.refusal, at });
  const { reveal: shares, consumed } = answered.value;
  const { self, memory } = state;
  return {
    state: { phase: "ended", self, memory: { ...memory, leftAt: at }, position, ending: { kind: "revealed" } },
    effects: [
      { kind: "submit", submission: { kind: "reveal", position, reveal: shares } },
      { kind: "notice", notice: { kind: "done", position } },
    ],
    consumed,
  };
}
