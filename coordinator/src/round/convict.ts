import { assertNever, invariant } from "@sotto/base";
import type { ProtocolRefusal } from "@sotto/protocol";
import { type Evidence, evidenceInAdvert, evidenceInHeader, evidenceInReveal, evidenceInShares } from "@sotto/secagg";
import { withClient } from "./asked.ts";
import type { MessageEvent } from "./event.ts";
import { cohortIndex } from "./phases/cohort-index.ts";
import type { RoundState } from "./state.ts";
import type { Step } from "./step-result.ts";

/** Refusals of what no honest client signs. */
const convicting: readonly ProtocolRefusal["code"][] = ["conflicting-message", "secret-mismatch"];

/** What a message that is refused for this reason proves of its sender, whose signature is under it; null when it proves nothing. */
export function evidenceIn(state: RoundState, event: MessageEvent, code: ProtocolRefusal["code"]): Evidence | null {
  if (!convicting.includes(code)) return null;
  switch (event.kind) {
    case "advert":
      return state.phase === "keying" ? evidenceInAdvert(state.session, event.advert) : null;
    case "shares":
      return state.phase === "sharing" ? evidenceInShares(state.session, cohortIndex(state.session, event.client), event.bundle) : null;
    case "contribution-arrived":
      return state.phase === "collecting" ? evidenceInHeader(state.session, cohortIndex(state.session, event.client), event.header) : null;
    case "reveal":
      return state.phase === "unmasking" ? evidenceInReveal(state.session, cohortIndex(state.session, event.client), event.reveal) : null;
    // Of one survivor set a client may sign the digest twice: two signatures of one statement contradict nothing.
    case "attestation":
    case "ready":
      return null;
    default:
      return assertNever(event);
  }
}

/** The round with a client convicted, and the evidence to be kept: once a client and kind. It stays in the round, as one that did not send this. */
export function convict<S extends RoundState>(state: S, evidence: Evidence): { readonly state: S; readonly effects: Step["effects"] } {
  const { accused, kind } = evidence;
  const asked = state.asked.get(accused);
  invariant(asked !== undefined, `${accused} was asked`);
  if (asked.convictions.includes(kind)) return { state, effects: [] };
  return {
    state: withClient(state, accused, { convictions: [...asked.convictions, kind] }),
    effects: [{ kind: "keep-evidence", context: state.setup.context, evidence }],
  };
}
