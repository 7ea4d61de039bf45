import { FlError, parseTaskId, utf8 } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { AdminFace, TaskRecord, TaskSummary } from "@sotto/protocol";
import { limits } from "@sotto/wire";
import { expect } from "vitest";
import { blobOf, type Case, collect, deferred, live, patterned, pieces, position } from "./connection.ts";

/** What operators do. */
export const adminCases: readonly Case[] = [
  {
    name: "a task arrives with its specification and its whole model",
    check: async (run) => {
      const model = patterned(1_000_003);
      const taken: unknown[] = [];
      const submitTask: AdminFace["submitTask"] = async (spec, initialModel) => {
        taken.push(spec, sha256Digest(await collect(initialModel)));
        return position.task;
      };
      await run({ admin: { submitTask } }, async ({ admin }) => {
        expect(await admin.submitTask(utf8('{"rounds":3}'), pieces(model, 70_000))).toBe(position.task);
        expect(taken).toEqual([utf8('{"rounds":3}'), sha256Digest(model)]);
      });
    },
  },
  {
    name: "a task whose model breaks off is not taken",
    check: async (run) => {
      const outcome = deferred<string>();
      const begun = deferred<void>();
      const submitTask: AdminFace["submitTask"] = async (_, initialModel) => {
        await collect(initialModel, begun.resolve).catch((thrown: unknown) => {
          outcome.resolve(thrown instanceof FlError ? thrown.code : "other");
          throw thrown;
        });
        return position.task;
      };
      async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
        yield patterned(300_000);
        await begun.promise;
        throw new FlError("data-loss", "the disk is gone");
      }
      await run({ admin: { submitTask } }, async ({ admin }) => {
        await expect(admin.submitTask(utf8("{}"), failing())).rejects.toMatchObject({ code: "data-loss" });
        expect(await outcome.promise).toBe("aborted");
      });
    },
  },
  {
    name: "all tasks are listed, over as many pages as they take",
    check: async (run) => {
      const tasks = Array.from(
        { length: 2 * limits.tasksPerPageMax + 7 },
        (_, i): TaskSummary => ({ ...summary, task: parseTaskId(`task-${i}`) }),
      );
      await run({ admin: { listTasks: async () => tasks } }, async ({ admin }) => {
        expect(await admin.listTasks()).toEqual(tasks);
      });
    },
  },
  {
    name: "an operator watches a task, stops it, and takes its model",
    check: async (run) => {
      const records: TaskRecord[] = [
        { record: 8, atMs: 12, event: { kind: "status", status: { kind: "failed", reason: "too few clients" } } },
      ];
      const model = patterned(300_000);
      const calls: unknown[] = [];
      const admin: Partial<AdminFace> = {
        watchTask: async (task, afterRecord) => {
          calls.push(["watch", task, afterRecord]);
          return { summary, records };
        },
        stopTask: async (task) => {
          calls.push(["stop", task]);
        },
        model: async (task) => {
          calls.push(["model", task]);
          return { plan: utf8('{"version":1}'), round: 4, blob: blobOf(model) };
        },
      };
      await run({ admin }, async (connection) => {
        expect(await connection.admin.watchTask(position.task, 7, live())).toEqual({ summary, records });
        expect(await connection.admin.stopTask(position.task)).toBeUndefined();
        const { plan, round, blob } = await connection.admin.model(position.task, live());
        expect([plan, round, blob.digest]).toEqual([utf8('{"version":1}'), 4, sha256Digest(model)]);
        expect(sha256Digest(await collect(blob.chunks))).toBe(blob.digest);
        expect(calls).toEqual([
          ["watch", position.task, 7],
          ["stop", position.task],
          ["model", position.task],
        ]);
      });
    },
  },
];

const summary: TaskSummary = { task: position.task, name: "Hearts", status: { kind: "running" }, roundsCommitted: 2, rounds: 10 };
