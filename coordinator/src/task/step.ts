import { after, assertNever, type ClientId, type Instant, invariant, parseRoundNumber, parseSessionNumber } from "@sotto/base";
import type { TaskStatus } from "@sotto/protocol";
import { mayAsk } from "../cohort/sample.ts";
import { enterSelecting } from "../round/phases/selecting.ts";
import type { EndedState, RoundSetup, RoundState } from "../round/state.ts";
import { step } from "../round/step.ts";
import type { Step } from "../round/step-result.ts";
import { faultOfDraw, nextClientsMin, withNextDraw } from "./draw.ts";
import { type LifeEvent, type LifeStep, recorded } from "./event.ts";
import { reportOf } from "./report.ts";
import type { TaskSetup, TaskState, Waiting } from "./state.ts";

/** A task before its first round. */
export function submittedTask(setup: TaskSetup, model: { readonly digest: TaskState["modelDigest"]; readonly at: Instant }): LifeStep {
  const state: TaskState = {
    setup,
    status: { kind: "submitted" },
    modelDigest: model.digest,
    modelRound: 0,
    roundsCommitted: 0,
    abandonedInRow: 0,
    resumesAt: model.at,
    isStopping: false,
    waiting: null,
    roundLast: 0,
    round: null,
    sample: null,
  };
  return { state: withNextDraw(state), effects: [recorded({ kind: "status", status: state.status })] };
}

/** One step of a task's life: which round comes next, and when there is none any more. */
export function stepTask(state: TaskState, event: LifeEvent): LifeStep {
  switch (event.kind) {
    case "begin":
      return begin(state, event);
    case "round":
      invariant(state.round !== null, "an event for a round comes after its begin");
      return follow(state, step(state.round, event.event), event.event.at);
    case "short":
      return noteShort(state, event);
    case "stop":
      return stop(state, event.at);
    default:
      return assertNever(event);
  }
}

/** Whether the task's life is over. */
export function isOver(state: TaskState): boolean {
  return state.status.kind !== "submitted" && state.status.kind !== "running";
}

/** The round that runs now; null between rounds. */
export function liveRound(state: TaskState): Exclude<RoundState, EndedState> | null {
  return state.round === null || state.round.phase === "ended" ? null : state.round;
}

/** Whether a round may begin now. */
export function wantsRound(state: TaskState, at: Instant): boolean {
  return !isOver(state) && liveRound(state) === null && at >= state.resumesAt;
}

/** The pause after `abandonedInRow` abandoned rounds: it doubles from one second to half a minute, so that a hopeless task does not spin. */
export function pauseMs(abandonedInRow: number): number {
  return abandonedInRow === 0 ? 0 : Math.min(30_000, 1_000 * 2 ** Math.min(abandonedInRow - 1, 5));
}

function begin(state: TaskState, event: { readonly clients: readonly ClientId[]; readonly at: Instant }): LifeStep {
  invariant(wantsRound(state, event.at), "a round begins only where one is wanted");
  const setup = roundSetup(state);
  invariant(
    event.clients.every((client) => mayAsk(setup.sample, client)),
    "clients asked ⊆ sample",
  );
  const round = enterSelecting(setup, event);
  const status: TaskStatus = { kind: "running" };
  const started = state.status.kind === "submitted" ? [recorded({ kind: "status", status })] : [];
  const begun = { ...state, status, waiting: null, roundLast: setup.position.round, round: round.state };
  return { state: begun, effects: [...started, ...round.effects] };
}

function roundSetup(state: TaskState): RoundSetup {
  const { setup, roundsCommitted, modelDigest, sample } = state;
  const { task, spec, federation, rosterDigest, enrolled, modelSizeBytes } = setup;
  const purpose = roundsCommitted < spec.rounds ? "train" : "evaluate";
  const plan = setup.plans[purpose];
  const round = parseRoundNumber(state.roundLast + 1);
  const session = parseSessionNumber(0);
  const position = { task, round, session };
  return {
    position,
    purpose,
    context: { federation, rosterDigest, planDigest: plan.digest, modelDigest, round, session },
    train: { kind: "train", position, plan: plan.bytes, modelDigest, modelSizeBytes, rosterDigest },
    rules: spec.cohort,
    clientsMin: nextClientsMin(state),
    sample,
    tolerance: { gamma: spec.aggregation.gamma, delta: spec.aggregation.delta },
    enrolled,
    contribution: { laneCount: plan.shape.laneCount, quantisationBits: spec.contribution.quantisationBits },
  };
}

function follow(state: TaskState, round: Step, at: Instant): LifeStep {
  const hadEnded = state.round?.phase === "ended";
  const next = { state: { ...state, round: round.state }, effects: round.effects };
  if (hadEnded || round.state.phase !== "ended") return next;
  const ended = conclude(next.state, round.state, at);
  return { state: isOver(ended.state) ? ended.state : withNextDraw(ended.state), effects: [...next.effects, ...ended.effects] };
}

/** What an ended round makes of the task. */
function conclude(state: TaskState, round: EndedState, at: Instant): LifeStep {
  const { result, setup } = round;
  if (result.kind === "abandoned") {
    const record = recorded({ kind: "abandoned", round: setup.position.round, reason: result.reason, missing: result.missing });
    return afterAbandoned(state, { record, reason: result.reason, at });
  }
  const record = recorded({ kind: "committed", round: setup.position.round, record: reportOf(round, result) });
  const committed = { ...state, abandonedInRow: 0, resumesAt: at };
  if (setup.purpose === "evaluate") return end(committed, { kind: "finished" }, [record]);
  const advanced = {
    ...committed,
    modelDigest: result.modelDigest,
    modelRound: setup.position.round,
    roundsCommitted: state.roundsCommitted + 1,
  };
  return state.isStopping ? end(advanced, { kind: "stopped" }, [record]) : { state: advanced, effects: [record] };
}

function afterAbandoned(
  state: TaskState,
  round: { readonly record: LifeStep["effects"][number]; readonly reason: string; readonly at: Instant },
): LifeStep {
  const { spec } = state.setup;
  if (state.isStopping) return end(state, { kind: "stopped" }, [round.record]);
  const abandonedInRow = state.abandonedInRow + 1;
  if (spec.whenAbandoned === "stop") return end(state, { kind: "failed", reason: round.reason }, [round.record]);
  if (abandonedInRow >= spec.abandonedMax) {
    const reason = `${abandonedInRow} rounds in a row were abandoned, the last because: ${round.reason}`;
    return end(state, { kind: "failed", reason }, [round.record]);
  }
  return { state: { ...state, abandonedInRow, resumesAt: after(round.at, pauseMs(abandonedInRow)) }, effects: [round.record] };
}

/** When a task gives up on the clients it waits for; null when it waits for as long as it takes. */
export function givesUpAt({ setup, waiting, round }: TaskState): Instant | null {
  const { whenAbandoned, cohort } = setup.spec;
  if (waiting === null) return null;
  // Before its first round a task waits for its clients to come up: nothing has been missed yet.
  const isPatient = whenAbandoned === "wait" || round === null;
  return isPatient && !waiting.isForDrawn ? null : after(waiting.since, cohort.selecting.maxMs);
}

type Shortage = Extract<LifeEvent, { kind: "short" }>;

function noteShort(state: TaskState, { present, at }: Shortage): LifeStep {
  const fault = faultOfDraw(state);
  if (fault !== null) return giveUp(state, { reason: fault, missing: [], at });
  const drawn = present.filter((client) => mayAsk(state.sample, client));
  const clientsMin = nextClientsMin(state);
  const isForDrawn = drawn.length < clientsMin && present.length >= clientsMin;
  const waiting = waitingFor(state, { present: drawn.length, isForDrawn }, at);
  const until = givesUpAt({ ...state, waiting });
  if (until !== null && at >= until) {
    const wanted = state.sample?.clients ?? state.round?.asked.keys() ?? [];
    const there = new Set(present);
    const missing = [...wanted].filter((client) => !there.has(client)).sort();
    const ofDrawn = state.sample === null ? "" : ` of the ${state.sample.clients.size} drawn`;
    return giveUp(state, { reason: `too few clients: ${drawn.length}${ofDrawn} are there of at least ${clientsMin}`, missing, at });
  }
  if (state.waiting?.present === waiting.present && state.waiting.since === waiting.since) return { state, effects: [] };
  const { present: arrived } = waiting;
  const record = recorded({ kind: "phase", round: state.roundLast + 1, phase: "waiting", cohortSize: clientsMin, arrived });
  return { state: { ...state, waiting }, effects: [record] };
}

/** The wait goes on while it is for the same thing: for clients at all, or for those that were drawn. */
function waitingFor({ waiting }: TaskState, now: Pick<Waiting, "present" | "isForDrawn">, at: Instant): Waiting {
  return { ...now, since: waiting?.isForDrawn === now.isForDrawn ? waiting.since : at };
}

/** A round is given up before it began. Its number is used up. */
function giveUp(state: TaskState, why: { readonly reason: string; readonly missing: readonly ClientId[]; readonly at: Instant }): LifeStep {
  const { reason, missing, at } = why;
  const round = state.roundLast + 1;
  const record = recorded({ kind: "abandoned", round, reason, missing });
  const given = afterAbandoned({ ...state, roundLast: round, waiting: null }, { record, reason, at });
  return { state: isOver(given.state) ? given.state : withNextDraw(given.state), effects: given.effects };
}

function stop(state: TaskState, at: Instant): LifeStep {
  if (isOver(state)) return { state, effects: [] };
  const round = liveRound(state);
  const stopping = { ...state, isStopping: true };
  if (round === null) return end(stopping, { kind: "stopped" }, []);
  return follow(stopping, step(round, { kind: "stop", reason: "the task was stopped", at }), at);
}

function end(state: TaskState, status: TaskStatus, effects: LifeStep["effects"]): LifeStep {
  return { state: { ...state, status, waiting: null }, effects: [...effects, recorded({ kind: "status", status })] };
}
