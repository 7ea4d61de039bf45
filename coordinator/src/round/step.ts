import { assertNever, FlError, type Instant, invariant } from "@sotto/base";
import type { Answer, ProtocolRefusal } from "@sotto/protocol";
import { withClient } from "./asked.ts";
import { withBlame } from "./blame.ts";
import { settle } from "./close.ts";
import { convict, evidenceIn } from "./convict.ts";
import type { MessageEvent, OwnEvent, PresenceEvent, RoundEvent } from "./event.ts";
import { payloadBytes } from "./payload.ts";
import { takeAttestation } from "./phases/attesting.ts";
import { takeContribution } from "./phases/collecting.ts";
import { abandon, commit } from "./phases/ended.ts";
import { takeAdvert } from "./phases/keying.ts";
import { phaseRecord } from "./phases/record.ts";
import { join, takeReady } from "./phases/selecting.ts";
import { takeShares } from "./phases/sharing.ts";
import { takeReveal } from "./phases/unmasking.ts";
import { polled } from "./polled.ts";
import { type AskedClient, type EndedState, type Phase, phases, type RoundState } from "./state.ts";
import { answered, refusal, type Step, type Taken } from "./step-result.ts";
import { transitions } from "./transition.ts";

type At = { readonly at: Instant };

/**
 * One step of a round: what the event makes of it, then every phase closed whose time has come. Total over the table in `transition.ts`.
 * A peer's fault leaves the state as it was and answers with a refusal.
 * @throws FlError `internal` on an event the shell must not bring (verdict `bug`)
 */
export function step(state: RoundState, event: RoundEvent): Step {
  return settle(apply(state, event), event.at);
}

function apply(state: RoundState, event: RoundEvent): Step {
  switch (event.kind) {
    case "ready":
    case "advert":
    case "shares":
    case "contribution-arrived":
    case "attestation":
    case "reveal":
      return hear(state, event);
    case "invited":
    case "polled":
    case "lost":
    case "withdrawal":
      return notice(state, event);
    case "tick":
    case "stop":
    case "released":
    case "failed":
      return follow(state, event);
    default:
      return assertNever(event);
  }
}

function hear(state: RoundState, event: MessageEvent & At): Step {
  const verdict = transitions[state.phase][event.kind];
  if (verdict === "over") return answered(state, { kind: "stale", round: state.setup.position.round });
  const asked = state.asked.get(event.client);
  if (asked === undefined) return answered(state, refusal("not-in-cohort", `client ${event.client} was not asked to take part`));
  if (verdict === "late") return answered(state, lateAnswer(state, asked, event));
  if (verdict !== "take") return answered(state, refusal("wrong-phase", `${event.kind} in ${state.phase}`));
  if (asked.drop !== null) return answered(state, refusal("not-in-cohort", `client ${event.client} is out: ${asked.drop.reason}`));
  const taken = take(state, event);
  if (taken.kind === "refused") return refuse(state, event, taken.refusal);
  if (taken.value.repeated) return answered(state, { kind: "duplicate" });
  return count(taken.value.state, event);
}

/** The message does not count. Nothing of the state changes, unless it proves a lie: then the lie is kept. */
function refuse(state: RoundState, event: MessageEvent, { code, message }: ProtocolRefusal): Step {
  const step = answered(state, refusal(code, message));
  const evidence = evidenceIn(state, event, code);
  if (evidence === null) return step;
  const convicted = convict(state, evidence);
  return { state: convicted.state, effects: [...convicted.effects, ...step.effects] };
}

/** The message counts: once, and before the phase may close on it. */
function count(state: RoundState, event: MessageEvent & At): Step {
  const asked = state.asked.get(event.client);
  invariant(asked !== undefined && state.phase !== "ended", "only an asked client is counted");
  const counted = withClient(state, event.client, {
    answered: state.phase,
    present: true,
    sentBytes: asked.sentBytes + payloadBytes(event),
  });
  const accepted = { kind: "answer", answer: { kind: "accepted" } } as const;
  if (counted.phase === "selecting") return { state: counted, effects: [accepted, phaseRecord(counted)] };
  if (counted.phase !== "collecting" || event.kind !== "contribution-arrived") return { state: counted, effects: [accepted] };
  const { laneCount } = counted.setup.contribution;
  return { state: counted, effects: [{ kind: "accumulate", upload: event.upload, laneCount, bits: counted.size.bits }, accepted] };
}

function take(state: RoundState, event: MessageEvent & At): Taken {
  switch (event.kind) {
    case "ready":
      return takeReady(inPhase(state, "selecting"), event);
    case "advert":
      return takeAdvert(inPhase(state, "keying"), event);
    case "shares":
      return takeShares(inPhase(state, "sharing"), event);
    case "contribution-arrived":
      return takeContribution(inPhase(state, "collecting"), event);
    case "attestation":
      return takeAttestation(inPhase(state, "attesting"), event);
    case "reveal":
      return takeReveal(inPhase(state, "unmasking"), event);
    default:
      return assertNever(event);
  }
}

function notice(state: RoundState, event: PresenceEvent): Step {
  const verdict = transitions[state.phase][event.kind];
  if (verdict === "over") return answered(state, { kind: "stale", round: state.setup.position.round });
  if (verdict === "join") return join(inPhase(state, "selecting"), event.client);
  const asked = state.asked.get(event.client);
  if (event.kind === "withdrawal") {
    if (asked === undefined) return answered(state, refusal("not-in-cohort", `client ${event.client} was not asked to take part`));
    if (asked.drop !== null) return answered(state, { kind: "duplicate" });
    const drop = { phase: state.phase, reason: `withdrew: ${event.reason}` };
    return answered(withClient(state, event.client, { drop }), { kind: "accepted" });
  }
  if (verdict !== "presence" || asked === undefined || asked.drop !== null) return { state, effects: [] };
  if (event.kind === "lost") return { state: withClient(state, event.client, { present: false }), effects: [] };
  return { state: event.kind === "polled" ? polled(state, event) : state, effects: [] };
}

function follow(state: RoundState, event: OwnEvent & At): Step {
  const verdict = transitions[state.phase][event.kind];
  if (verdict === "bug") throw new FlError("internal", `event ${event.kind} cannot happen in ${state.phase}`);
  if (verdict === "commit" && event.kind === "released") return commit(inPhase(state, "releasing"), event);
  if (verdict !== "abandon" || state.phase === "ended") return { state, effects: [] };
  if (event.kind === "failed") return fail(state, event);
  return abandon(state, { reason: event.kind === "stop" ? event.reason : event.kind, missing: [], at: event.at });
}

function fail(state: Exclude<RoundState, EndedState>, { reason, evidence, at }: Extract<OwnEvent, { kind: "failed" }> & At): Step {
  const convicted = evidence === null ? { state, effects: [] } : convict(state, evidence);
  const ended = abandon(convicted.state, { reason: withBlame(reason, convicted.state), missing: [], at });
  return { state: ended.state, effects: [...convicted.effects, ...ended.effects] };
}

/** The phase in which each message counts. */
const phaseOf: Readonly<Record<MessageEvent["kind"], Phase>> = {
  ready: "selecting",
  advert: "keying",
  shares: "sharing",
  "contribution-arrived": "collecting",
  attestation: "attesting",
  reveal: "unmasking",
};

/** It counted, and the answer was lost on the way; or the phase closed without it, which is nobody's fault. */
function lateAnswer(state: RoundState, asked: AskedClient, event: MessageEvent): Answer {
  const hasCounted = asked.answered !== null && phases.indexOf(asked.answered) >= phases.indexOf(phaseOf[event.kind]);
  return hasCounted ? { kind: "duplicate" } : { kind: "stale", round: state.setup.position.round };
}

function inPhase<P extends Phase>(state: RoundState, phase: P): Extract<RoundState, { phase: P }> {
  invariant(isIn(state, phase), `the round is in ${phase}`);
  return state;
}

function isIn<P extends Phase>(state: RoundState, phase: P): state is Extract<RoundState, { phase: P }> {
  return state.phase === phase;
}
