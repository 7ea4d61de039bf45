import { after, instant } from "@sotto/base";
import type { TaskSpec } from "@sotto/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndedState, ReleasingState } from "../round/state.ts";
import { tinyDigest, tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";
import type { LifeEvent, LifeStep } from "./event.ts";
import type { TaskState } from "./state.ts";
import { isOver, liveRound, pauseMs, stepTask, submittedTask, wantsRound } from "./step.ts";

const federation = tinyFederation(4);
const start = instant(1_000_000);

function taskOf(change: Partial<TaskSpec> = {}): TaskState {
  return submittedTask(tinySetup(federation, tinySpec(change)), { digest: tinyDigest("initial"), at: start }).state;
}

function play(state: TaskState, ...events: readonly LifeEvent[]): TaskState {
  return events.reduce((task, event) => stepTask(task, event).state, state);
}

const begin = (at = start): LifeEvent => ({ kind: "begin", clients: federation.clients, at });
const fail = (at = start): LifeEvent => ({ kind: "round", event: { kind: "failed", reason: "no sum", evidence: null, at } });
const release = (name: string, at = start): LifeEvent => ({
  kind: "round",
  event: { kind: "released", modelDigest: tinyDigest(name), metrics: null, weight: 1, at },
});

/** The task with its round at the point where the sum is being released: how it got there is the round machine's affair. */
function releasing(state: TaskState): TaskState {
  const round = liveRound(state);
  expect(round).not.toBeNull();
  const { setup, startedAt, asked } = round!;
  const at: ReleasingState = { phase: "releasing", setup, startedAt, asked, lastReadyAt: startedAt, survivors: federation.clients };
  return { ...state, round: at };
}

const commit = (state: TaskState, name: string): TaskState => play(releasing(play(state, begin())), release(name));

test("R training rounds are followed by one that evaluates the final model, and then the task is finished", () => {
  let task = taskOf({ rounds: 2 });
  const purposes: string[] = [];
  for (const name of ["one", "two", "two"]) {
    expect(wantsRound(task, start)).toBe(true);
    purposes.push(liveRound(play(task, begin()))!.setup.purpose);
    task = commit(task, name);
  }
  expect(purposes).toEqual(["train", "train", "evaluate"]);
  expect(task).toMatchObject({ status: { kind: "finished" }, roundsCommitted: 2, modelRound: 2, modelDigest: tinyDigest("two") });
  expect(wantsRound(task, after(start, 1e9))).toBe(false);
});

test("each round is bound to the task's latest model, its plan and its own number", () => {
  const task = play(commit(taskOf(), "one"), begin());
  const { position, context, train, contribution } = liveRound(task)!.setup;
  expect(position).toEqual({ task: task.setup.task, round: 2, session: 0 });
  expect(context).toMatchObject({ round: 2, session: 0, modelDigest: tinyDigest("one"), planDigest: task.setup.plans.train.digest });
  expect(train).toMatchObject({ modelDigest: tinyDigest("one"), plan: task.setup.plans.train.bytes });
  expect(contribution.laneCount).toBe(task.setup.plans.train.shape.laneCount);
});

test("an abandoned round uses up its number and changes no model", () => {
  const task = play(taskOf(), begin(), fail());
  expect(task).toMatchObject({ status: { kind: "running" }, modelDigest: tinyDigest("initial"), roundsCommitted: 0, abandonedInRow: 1 });
  expect(liveRound(play(task, begin(after(start, 1_000))))!.setup.position.round).toBe(2);
});

describe("when a round is abandoned", () => {
  test("a task that waits pauses, longer each time up to half a minute", () => {
    const task = play(taskOf(), begin(), fail());
    expect(wantsRound(task, after(start, 999))).toBe(false);
    expect(wantsRound(task, after(start, 1_000))).toBe(true);
    expect([0, 1, 2, 3, 5, 6, 100].map(pauseMs)).toEqual([0, 1_000, 2_000, 4_000, 16_000, 30_000, 30_000]);
  });

  test("a task that waits fails after abandonedMax in a row, and a committed round in between starts the count anew", () => {
    const twice = play(taskOf(), begin(), fail(), begin(after(start, 1_000)), fail(after(start, 1_000)));
    expect(isOver(play(twice, begin(after(start, 9_000)), fail(after(start, 9_000))))).toBe(true);
    const later = after(start, 9_000);
    const committed = play(releasing(play(twice, begin(later))), release("one", later));
    expect(committed.abandonedInRow).toBe(0);
    expect(isOver(play(committed, begin(later), fail(later)))).toBe(false);
  });

  test("a task that stops has failed, and says why", () => {
    expect(play(taskOf({ whenAbandoned: "stop" }), begin(), fail()).status).toEqual({ kind: "failed", reason: "no sum" });
  });
});

describe("a stop", () => {
  const stop: LifeEvent = { kind: "stop", at: start };

  test("between rounds takes effect at once", () => {
    expect(play(taskOf(), stop).status).toEqual({ kind: "stopped" });
  });

  test("in a round abandons it", () => {
    const task = play(taskOf(), begin(), stop);
    expect(task.status).toEqual({ kind: "stopped" });
    expect((task.round as EndedState).result).toMatchObject({ kind: "abandoned", reason: "the task was stopped" });
  });

  test("while a sum is being released lets that round be committed first", () => {
    const stopping = play(releasing(play(taskOf(), begin())), stop);
    expect(stopping.status).toEqual({ kind: "running" });
    expect(play(stopping, release("one"))).toMatchObject({ status: { kind: "stopped" }, modelDigest: tinyDigest("one"), modelRound: 1 });
    expect(play(stopping, fail())).toMatchObject({ status: { kind: "stopped" }, modelDigest: tinyDigest("initial") });
  });

  test("of a task that is over changes nothing", () => {
    const task = play(taskOf(), stop);
    expect(stepTask(task, stop)).toEqual({ state: task, effects: [] });
  });
});

const some = federation.clients.slice(0, 2);

test("a task waiting for clients says how many are there, when that changes", () => {
  const task = taskOf();
  const first = stepTask(task, { kind: "short", present: some, at: start });
  expect(first.effects).toEqual([{ kind: "record", event: { kind: "phase", round: 1, phase: "waiting", cohortSize: 3, arrived: 2 } }]);
  expect(stepTask(first.state, { kind: "short", present: some, at: start }).effects).toEqual([]);
});

test("a task that is to stop gives up on clients that stay away after a round, with their names; before its first round, and if it is to wait, it waits", () => {
  const away = (task: TaskState): LifeStep => {
    const waiting = stepTask(task, { kind: "short", present: some, at: start }).state;
    const until = after(start, waiting.setup.spec.cohort.selecting.maxMs);
    expect(stepTask(waiting, { kind: "short", present: some, at: after(until, -1) }).effects).toEqual([]);
    return stepTask(waiting, { kind: "short", present: some, at: until });
  };
  const stopping = taskOf({ rounds: 3, whenAbandoned: "stop" });
  expect(away(stopping).state.status).toEqual({ kind: "submitted" });
  expect(away(commit(taskOf({ rounds: 3, whenAbandoned: "wait" }), "one")).state.status).toEqual({ kind: "running" });
  const { state, effects } = away(commit(stopping, "one"));
  const reason = "too few clients: 2 are there of at least 3";
  expect(state.status).toEqual({ kind: "failed", reason });
  expect(effects[0]).toMatchObject({
    kind: "record",
    event: { kind: "abandoned", round: 2, reason, missing: federation.clients.slice(2) },
  });
});

test("however rounds end, committed rounds are counted, numbers only rise, and an over task stays as it is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("commit", "fail", "stop"), { maxLength: 12 }),
      fc.constantFrom("wait" as const, "stop" as const),
      (ends, whenAbandoned) => {
        let task = taskOf({ rounds: 3, whenAbandoned });
        let at = start;
        let committed = 0;
        for (const end of ends) {
          at = after(at, 60_000);
          if (isOver(task)) {
            expect(wantsRound(task, at)).toBe(false);
            expect(stepTask(task, { kind: "stop", at }).state).toBe(task);
            continue;
          }
          const before = task.round?.setup.position.round ?? 0;
          const begun = play(task, begin(at));
          expect(begun.round?.setup.position.round).toBe(before + 1);
          const isTraining = begun.round?.setup.purpose === "train";
          if (end === "commit" && isTraining) committed++;
          task =
            end === "commit"
              ? play(releasing(begun), release(`m${committed}`, at))
              : play(begun, end === "fail" ? fail(at) : { kind: "stop", at });
          expect(task.roundsCommitted).toBe(committed);
          expect(task.modelDigest).toBe(committed === 0 ? tinyDigest("initial") : tinyDigest(`m${committed}`));
        }
      },
    ),
  );
});
