import { assertNever, type ClientId } from "@sotto/base";
import { type Cursor, type Instruction, type InstructionKind, isSamePosition } from "@sotto/protocol";
import { advertsOf, attestRequestFor, maskRequestFor, revealRequestFor } from "@sotto/secagg";
import { isWaiting } from "./close.ts";
import { cohortIndex } from "./phases/cohort-index.ts";
import type { RoundResult, RoundState, WaitingState } from "./state.ts";

/** How long a client that was stood down waits before it polls again. */
export const standDownMs = 1_000;

/**
 * What this client is to do now, by state and cursor alone: asking again gives the same until the round moves. The cursor is the last
 * instruction the client took up; one that it has already is not repeated.
 */
export function instructionFor(state: RoundState, client: ClientId, cursor: Cursor | null): Instruction {
  const asked = state.asked.get(client);
  const isHere = cursor !== null && isSamePosition(cursor, state.setup.position);
  if (isHere && cursor.kind === "stand-down") return { kind: "unchanged" };
  if (state.phase === "ended") return isHere ? standDown(state, endReason(state.result)) : { kind: "unchanged" };
  if (asked === undefined) return isHere ? standDown(state, "was not asked to take part") : { kind: "unchanged" };
  if (asked.drop !== null) return standDown(state, asked.drop.reason);
  if (!isWaiting(state) || asked.answered === state.phase) return { kind: "unchanged" };
  if (isHere && cursor.kind === kindOf[state.phase]) return { kind: "unchanged" };
  return build(state, client);
}

const kindOf: Readonly<Record<WaitingState["phase"], InstructionKind>> = {
  selecting: "train",
  keying: "advertise",
  sharing: "share-keys",
  collecting: "mask",
  attesting: "attest",
  unmasking: "reveal",
};

function build(state: WaitingState, client: ClientId): Instruction {
  const { position, context, train } = state.setup;
  switch (state.phase) {
    case "selecting":
      return train;
    case "keying":
      return { kind: "advertise", position, context };
    case "sharing":
      return { kind: "share-keys", position, adverts: advertsOf(state.session) };
    case "collecting":
      return { kind: "mask", position, request: maskRequestFor(state.session, cohortIndex(state.session, client)) };
    case "attesting":
      return { kind: "attest", position, request: attestRequestFor(state.session, cohortIndex(state.session, client)) };
    case "unmasking":
      return { kind: "reveal", position, request: revealRequestFor(state.session, cohortIndex(state.session, client)) };
    default:
      return assertNever(state);
  }
}

function standDown(state: RoundState, reason: string): Instruction {
  return { kind: "stand-down", position: state.setup.position, reason, retryAfterMs: standDownMs };
}

function endReason(result: RoundResult): string {
  return result.kind === "committed" ? "the round is committed" : `the round was abandoned: ${result.reason}`;
}
