import { instant, parseTaskId, type TaskId } from "@sotto/base";
import type { Cursor } from "@sotto/protocol";
import { expect, test } from "vitest";
import { tinyDigest, tinyFederation, tinySetup, tinySpec } from "../testing/tiny-task.ts";
import { instruct, roundOf } from "./instruct.ts";
import { answerToPosition } from "./position.ts";
import type { TaskState } from "./state.ts";
import { stepTask, submittedTask } from "./step.ts";

const federation = tinyFederation(4);
const [client, , , stranger] = federation.clients;
const at = instant(1_000_000);
const submitted = submittedTask(tinySetup(federation, tinySpec()), { digest: tinyDigest("initial"), at }).state;
const running = stepTask(submitted, { kind: "begin", clients: federation.clients.slice(0, 3), at }).state;
const stopped = stepTask(running, { kind: "stop", at }).state;
const { position } = running.round!.setup;

function tasks(state: TaskState): ReadonlyMap<TaskId, TaskState> {
  return new Map([[state.setup.task, state]]);
}

function cursor(kind: Cursor["kind"], change: Partial<Cursor> = {}): Cursor {
  return { ...position, kind, ...change };
}

test("a client of a running round is told what the round wants of it", () => {
  expect(roundOf(tasks(running), client!)).toBe(running.round);
  expect(instruct(tasks(running), client!, null)).toMatchObject({ kind: "train", position });
  expect(instruct(tasks(running), client!, cursor("train"))).toEqual({ kind: "unchanged" });
});

test("a free client is told nothing new", () => {
  expect(roundOf(tasks(running), stranger!)).toBeNull();
  for (const state of [submitted, running, stopped]) expect(instruct(tasks(state), stranger!, null)).toEqual({ kind: "unchanged" });
});

test("a client whose round ended is stood down from it, once, with the reason", () => {
  const told = instruct(tasks(stopped), client!, cursor("mask"));
  expect(told).toMatchObject({ kind: "stand-down", position, reason: "the round was abandoned: the task was stopped" });
  expect(instruct(tasks(stopped), client!, cursor("stand-down"))).toEqual({ kind: "unchanged" });
});

test("a client that names a round of long ago, or of a task nobody knows, is stood down from it", () => {
  for (const change of [{ round: 9 }, { task: parseTaskId("other") }] as Partial<Cursor>[]) {
    expect(instruct(tasks(running), stranger!, cursor("mask", change))).toMatchObject({
      kind: "stand-down",
      position: { ...position, ...change },
    });
  }
});

test("a message is placed: at the running round, at one that is over, or at none", () => {
  expect(answerToPosition(running, position)).toBeNull();
  expect(answerToPosition(stopped, position)).toEqual({ kind: "stale", round: 1 });
  expect(answerToPosition(submitted, position)).toMatchObject({ code: "unknown-position" });
  expect(answerToPosition(undefined, position)).toMatchObject({ code: "unknown-task" });
});
