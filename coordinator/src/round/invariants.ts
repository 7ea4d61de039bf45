import { memberIndices } from "@sotto/base";
import { arrived, cohortOf } from "@sotto/secagg";
import { mayAsk } from "../cohort/sample.ts";
import { answeredIn } from "./asked.ts";
import { isWaiting } from "./close.ts";
import type { RoundEvent } from "./event.ts";
import { type AskedClient, type Phase, phases, type RoundState } from "./state.ts";
import type { Step } from "./step-result.ts";

/** What holds after every step: each names itself when it is broken. The numbers are those of SPEC.md. */
type Invariant = (before: RoundState, event: RoundEvent, step: Step) => boolean;

const messageKinds: readonly string[] = ["ready", "advert", "shares", "contribution-arrived", "attestation", "reveal", "withdrawal"];

const invariants: Readonly<Record<string, Invariant>> = {
  "I1 phases only go forward": (before, _event, { state }) => order(state.phase) >= order(before.phase),

  "I2 an ended round never changes": (before, _event, { state }) => before.phase !== "ended" || state === before,

  "I3 a round commits from releasing alone, on at least count.min survivors, all asked": (before, event, { state }) => {
    if (state.phase !== "ended" || before.phase === "ended" || state.result.kind === "abandoned") return true;
    const { survivors } = state.result;
    const isEnough = survivors.length >= state.setup.rules.count.min && survivors.every((client) => state.asked.has(client));
    return before.phase === "releasing" && event.kind === "released" && isEnough;
  },

  "I4 a client counts in a phase only after it counted in the one before": (before, _event, { state }) =>
    [...state.asked].every(([client, asked]) => {
      const earlier = before.asked.get(client)?.answered ?? null;
      if (asked.answered === earlier || asked.answered === null) return true;
      return order(asked.answered) === (earlier === null ? 0 : order(earlier) + 1);
    }),

  "I5 a client that is out stays out, with its reason": (before, _event, { state }) =>
    [...before.asked].every(([client, asked]) => asked.drop === null || state.asked.get(client)?.drop === asked.drop),

  "I6 who the machine counts is who the session holds": (_before, _event, { state }) => {
    if (!("session" in state)) return true;
    const cohort = cohortOf(state.session);
    const held = memberIndices(arrived(state.session)).map((index) => cohort[index]);
    return String(held) === String(answeredIn(state, state.phase));
  },

  "I7 a contribution is added exactly when it newly counts": (before, event, { state, effects }) => {
    const added = effects.filter((effect) => effect.kind === "accumulate").length;
    if (event.kind !== "contribution-arrived") return added === 0;
    const counted = (round: RoundState): boolean => reached(round, event.client, "collecting");
    return added === (counted(state) && !counted(before) ? 1 : 0);
  },

  "I8 a message gets exactly one answer, other events none": (_before, event, { effects }) =>
    effects.filter((effect) => effect.kind === "answer").length === (messageKinds.includes(event.kind) ? 1 : 0),

  "I9 a message that is not accepted changes no client, but for what it convicts its sender of": (before, _event, { state, effects }) => {
    const answer = effects.find((effect) => effect.kind === "answer")?.answer;
    if (answer === undefined || answer.kind === "accepted" || state.phase !== before.phase) return true;
    return [...state.asked].every(([client, asked]) => isSameButConvicted(asked, before.asked.get(client)));
  },

  "I10 no phase outlives its deadline": (_before, event, { state }) => !isWaiting(state) || event.at < state.window.deadlineAt,

  "I11 a sum is released exactly when releasing begins": (before, _event, { state, effects }) => {
    const begins = before.phase !== "releasing" && state.phase === "releasing";
    return effects.filter((effect) => effect.kind === "release").length === (begins ? 1 : 0);
  },

  "I12 survivors are fixed from attesting on": (before, _event, { state }) =>
    !("survivors" in before) || !("survivors" in state) || String(before.survivors) === String(state.survivors),

  "I13 at most count.max clients are in a round": (_before, _event, { state }) =>
    [...state.asked.values()].filter((asked) => asked.drop === null).length <= state.setup.rules.count.max,

  "I14 a sum is forgotten exactly when the round ends": (before, _event, { state, effects }) => {
    const ends = before.phase !== "ended" && state.phase === "ended";
    return effects.filter((effect) => effect.kind === "forget").length === (ends ? 1 : 0);
  },

  "I15 evidence is kept once a client and kind: of the sender of a refused message, or of a failure": (
    before,
    event,
    { state, effects },
  ) => {
    const kept = effects.flatMap((effect) =>
      effect.kind === "keep-evidence" ? [`${effect.evidence.accused} ${effect.evidence.kind}`] : [],
    );
    const known = convictionsIn(before);
    const isNew = convictionsIn(state).filter((conviction) => !known.includes(conviction));
    const isOfSender = kept.every(
      (conviction) => event.kind === "failed" || ("client" in event && conviction.startsWith(`${event.client} `)),
    );
    const isAccepted = effects.some((effect) => effect.kind === "answer" && effect.answer.kind !== "refused");
    return String(kept) === String(isNew) && isOfSender && (kept.length === 0 || !isAccepted);
  },

  "I16 nobody is asked that the sample leaves out": (_before, _event, { state }) =>
    [...state.asked.keys()].every((client) => mayAsk(state.setup.sample, client)),
};

/** The invariants that this step breaks; none, or there is a bug. */
export function brokenInvariants(before: RoundState, event: RoundEvent, step: Step): readonly string[] {
  return Object.entries(invariants).flatMap(([name, holds]) => (holds(before, event, step) ? [] : [name]));
}

function isSameButConvicted(asked: AskedClient, before: AskedClient | undefined): boolean {
  if (asked === before || before === undefined) return asked === before;
  const unchanged = [asked.present === before.present, asked.answered === before.answered, asked.drop === before.drop];
  return unchanged.every(Boolean) && asked.sentBytes === before.sentBytes;
}

function convictionsIn({ asked }: RoundState): readonly string[] {
  return [...asked].flatMap(([client, { convictions }]) => convictions.map((kind) => `${client} ${kind}`));
}

function order(phase: Phase): number {
  return phases.indexOf(phase);
}

function reached(round: RoundState, client: string, phase: Phase): boolean {
  for (const [asked, { answered }] of round.asked) if (asked === client) return answered !== null && order(answered) >= order(phase);
  return false;
}
