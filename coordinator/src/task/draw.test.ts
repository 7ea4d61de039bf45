import { after, type ClientId, type Instant, instant, parseRoundNumber } from "@sotto/base";
import { toSeed } from "@sotto/crypto";
import type { TaskSpec } from "@sotto/protocol";
import { sampledOf } from "@sotto/secagg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assign } from "../cohort/assign.ts";
import { tinyDigest, tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";
import { faultOfDraw } from "./draw.ts";
import type { LifeEvent, LifeStep } from "./event.ts";
import { openingsOf } from "./openings.ts";
import type { TaskState } from "./state.ts";
import { givesUpAt, liveRound, stepTask, submittedTask } from "./step.ts";

const federation = tinyFederation(24);
const roster = federation.clients;
const start = instant(1_000_000);
const initial = tinyDigest("initial");
const { cohort } = tinySpec();
const wide = { ...cohort, count: { min: 3, goal: 24, max: 24 } };

/** A task whose rounds each ask about a quarter of 24 clients. */
function drawingTask(change: Partial<TaskSpec> = {}): TaskState {
  const aggregation = { cohortSizeMin: 3, gamma: 0, delta: 0.25, samplingRate: 0.25 };
  const spec = tinySpec({ cohort: wide, aggregation, abandonedMax: 1_000, ...change });
  return submittedTask(tinySetup(federation, spec), { digest: initial, at: start }).state;
}

function sampleOfRound(round: number): readonly ClientId[] {
  return sampledOf({ modelDigest: initial, round: parseRoundNumber(round), samplingRate: 0.25 }, roster);
}

function short(state: TaskState, present: readonly ClientId[], at: Instant): LifeStep {
  return stepTask(state, { kind: "short", present, at });
}

const abandonedIn = ({ effects }: LifeStep): unknown =>
  effects
    .map((effect) => (effect.kind === "record" && effect.event.kind === "abandoned" ? effect.event : null))
    .find((event) => event !== null);

/** Gives up draws that cannot be until one can. */
function withFitDraw(state: TaskState): TaskState {
  let task = state;
  while (faultOfDraw(task) !== null) task = short(task, [], task.resumesAt).state;
  return task;
}

test("a round asks all of its sample that are there, and never anybody else, whoever is there", () => {
  const task = withFitDraw(drawingTask());
  const sample = sampleOfRound(task.roundLast + 1);
  const at = task.resumesAt;
  fc.assert(
    fc.property(fc.subarray([...roster]), fc.subarray([...roster]), (idle, late) => {
      const openings = openingsOf([task], at);
      const [given] = assign({ openings, idle, busy: [], seed: toSeed(new Uint8Array(32)) });
      const drawn = idle.filter((client) => sample.includes(client));
      const fewest = Math.max(3, Math.ceil(0.75 * sample.length));
      expect(given?.clients ?? []).toEqual(drawn.length >= fewest ? drawn : []);
      if (given === undefined) return;
      const invitations = late.map((client): LifeEvent => ({ kind: "round", event: { kind: "invited", client, at } }));
      const begun: LifeEvent = { kind: "begin", clients: given.clients, at };
      const { asked, setup } = liveRound([begun, ...invitations].reduce((state, event) => stepTask(state, event).state, task))!;
      expect([...asked.keys()].sort()).toEqual(
        roster.filter((client) => sample.includes(client) && (idle.includes(client) || late.includes(client))),
      );
      expect(setup.clientsMin).toBe(fewest);
    }),
  );
});

test("a client that the sample leaves out cannot begin a round", () => {
  const task = withFitDraw(drawingTask());
  expect(() => stepTask(task, { kind: "begin", clients: roster, at: task.resumesAt })).toThrow("clients asked ⊆ sample");
});

test("a draw of too few or too many is given up with both numbers, and the next is another under the next number", () => {
  let task = drawingTask({ cohort: { ...wide, count: { min: 5, goal: 5, max: 6 } } });
  const sizes: number[] = [];
  for (let round = 1; round <= 30; round++) {
    const { length: size } = sampleOfRound(round);
    sizes.push(size);
    const given = short(task, roster, task.resumesAt);
    const reason =
      size < 5
        ? `the sample of ${size} clients is below the fewest of a round, 5`
        : `the sample of ${size} clients is above the most of a round, 6`;
    if (size >= 5 && size <= 6) {
      expect(abandonedIn(given)).toBeUndefined();
      const begun = stepTask(task, { kind: "begin", clients: sampleOfRound(round), at: task.resumesAt }).state;
      expect(liveRound(begun)?.setup.position.round).toBe(round);
      task = stepTask(begun, { kind: "round", event: { kind: "failed", reason: "no sum", evidence: null, at: task.resumesAt } }).state;
    } else {
      expect(openingsOf([task], task.resumesAt)).toEqual([]);
      expect(abandonedIn(given)).toEqual({ kind: "abandoned", round, reason, missing: [] });
      task = given.state;
    }
    expect(task.resumesAt).toBeGreaterThan(start);
  }
  // The draws are fixed: all three cases were among them.
  expect(sizes.some((size) => size < 5) && sizes.some((size) => size > 6) && sizes.some((size) => size === 5 || size === 6)).toBe(true);
});

test("a task that gives up too many draws in a row fails, and one that is to stop does at the first", () => {
  const hopeless = { cohort: { ...cohort, count: { min: 20, goal: 20, max: 24 } } };
  const twice = short(short(drawingTask({ ...hopeless, abandonedMax: 2 }), [], start).state, [], start).state;
  expect(twice.status).toMatchObject({
    kind: "failed",
    reason: expect.stringMatching(/^2 rounds in a row were abandoned, .* below the fewest/),
  });
  const stopped = short(drawingTask({ ...hopeless, whenAbandoned: "stop" }), [], start).state;
  expect(stopped.status).toMatchObject({ kind: "failed" });
});

test("clients enough but not the drawn ones are waited for as long as selecting may take, and then another draw is made", () => {
  const task = withFitDraw(drawingTask());
  const round = task.roundLast + 1;
  const sample = sampleOfRound(round);
  const others = roster.filter((client) => !sample.includes(client));
  const at = task.resumesAt;
  const waiting = short(task, [...others, sample[0]!], at);
  expect(waiting.effects).toMatchObject([{ event: { kind: "phase", phase: "waiting", arrived: 1 } }]);
  const until = after(at, cohort.selecting.maxMs);
  expect(givesUpAt(waiting.state)).toBe(until);
  expect(short(waiting.state, others, after(until, -1)).state.roundLast).toBe(round - 1);
  const given = short(waiting.state, [...others, sample[0]!], until);
  const fewest = Math.max(3, Math.ceil(0.75 * sample.length));
  expect(abandonedIn(given)).toEqual({
    kind: "abandoned",
    round,
    reason: `too few clients: 1 of the ${sample.length} drawn are there of at least ${fewest}`,
    missing: sample.slice(1),
  });
  expect(given.state.roundLast).toBe(round);
  expect([...given.state.sample!.clients]).toEqual(sampleOfRound(round + 1));
});

test("while too few are there for any draw, the task waits for clients as one without a sample does", () => {
  const task = withFitDraw(drawingTask());
  const waiting = short(task, roster.slice(0, 2), task.resumesAt).state;
  expect(givesUpAt(waiting)).toBeNull();
  const { state, effects } = short(waiting, roster.slice(0, 2), after(start, 1e9));
  expect([state, effects]).toEqual([waiting, []]);
});
