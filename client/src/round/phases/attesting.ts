import { digestFromBytes } from "@sotto/base";
import { isSamePosition } from "@sotto/protocol";
import { attest } from "@sotto/secagg";
import { markAttested } from "../../guard/position-guard.ts";
import type { EventOf, PhaseEvent } from "../event.ts";
import { type Step, withdraw } from "../moves.ts";
import { outOfTurn } from "../out-of-turn.ts";
import type { Attesting } from "../state.ts";

/** Its contribution is sent: the survivors come next. */
export function stepAttesting(state: Attesting, event: PhaseEvent): Step {
  if (event.kind === "attest" && isSamePosition(event.position, state.position)) return takeSurvivors(state, event);
  return outOfTurn(state, event);
}

/**
 * Signs one survivor set, and no other of this session ever (SECAGG 2.8, S3): it is marked here, and durable before it is sent. The
 * set is fixed: nobody uploads again.
 */
function takeSurvivors(state: Attesting, { request, position, at }: EventOf<"attest">): Step {
  const attested = attest(state.session, request);
  if (attested.kind === "refused") return withdraw(state, { position, refusal: attested.refusal, at });
  const { signature, state: session } = attested.value;
  const { self, offer, roster } = state;
  const marks = markAttested(state.memory.marks, position, digestFromBytes(session.survivorsDigest));
  if (marks.kind === "refused") return withdraw(state, { position, refusal: marks.refusal, at });
  const memory = { ...state.memory, marks: marks.value };
  const sent = { kind: "attestation", position, signature } as const;
  return {
    state: { phase: "revealing", self, memory, offer, position, roster, session, sent },
    effects: [
      { kind: "drop", what: "contribution" },
      { kind: "submit", submission: sent },
    ],
    consumed: [],
  };
}
