import { type Digest, FlError, parseClientId, utf8 } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { Answer, BlobStream, Cursor, Instruction, Submission, UploadDeclaration } from "@sotto/protocol";
import { limits } from "@sotto/wire";
import { expect } from "vitest";
import { aborted, accepted, blobOf, type Case, collect, declare, deferred, live, patterned, pieces, position } from "./connection.ts";

/** Polls, submissions and errors. */
export const callCases: readonly Case[] = [
  {
    name: "a poll carries the cursor there and the instruction back",
    check: async (run) => {
      const cursors: (Cursor | null)[] = [];
      const answers: Instruction[] = [
        { kind: "unchanged" },
        {
          kind: "train",
          position,
          plan: utf8('{"version":1}'),
          modelDigest: sha256Digest(utf8("model")),
          modelSizeBytes: 4_000_000,
          rosterDigest: sha256Digest(utf8("roster")),
        },
      ];
      const next = async (cursor: Cursor | null): Promise<Instruction> => answers[cursors.push(cursor) - 1]!;
      await run({ coordinator: { next } }, async ({ coordinator }) => {
        expect(await coordinator.next(null, live())).toEqual(answers[0]);
        expect(await coordinator.next({ ...position, kind: "share-keys" }, live())).toEqual(answers[1]);
        expect(cursors).toEqual([null, { ...position, kind: "share-keys" }]);
      });
    },
  },
  {
    name: "a client that gives a poll up is told so at once, and the coordinator by its signal",
    check: async (run) => {
      const polled = deferred<AbortSignal>();
      const next = (_: Cursor | null, signal: AbortSignal): Promise<Instruction> => {
        polled.resolve(signal);
        return new Promise(() => undefined);
      };
      await run({ coordinator: { next } }, async ({ coordinator }) => {
        const controller = new AbortController();
        const answer = coordinator.next(null, controller.signal);
        const signal = await polled.promise;
        controller.abort();
        await expect(answer).rejects.toMatchObject({ name: "FlError", code: "cancelled" });
        await aborted(signal);
      });
    },
  },
  {
    name: "the signal of a call that ended well does not abort",
    check: async (run) => {
      const signals: AbortSignal[] = [];
      const next = async (_: Cursor | null, signal: AbortSignal): Promise<Instruction> => {
        signals.push(signal);
        return { kind: "unchanged" };
      };
      const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Answer> => {
        signals.push(signal);
        await collect(chunks);
        return accepted;
      };
      const downloadModel = async (_: Digest, signal: AbortSignal): Promise<BlobStream> => {
        signals.push(signal);
        return blobOf(patterned(10));
      };
      await run({ coordinator: { next, upload, downloadModel } }, async ({ coordinator }) => {
        const blob = patterned(10);
        await coordinator.upload(declare(blob), pieces(blob, 3), live());
        await collect((await coordinator.downloadModel(sha256Digest(blob), live())).chunks);
        for (let i = 0; i < 5; i++) await coordinator.next(null, live());
        expect(signals.map((signal) => signal.aborted)).toEqual(Array(7).fill(false));
      });
    },
  },
  {
    name: "a submission and its answer go through",
    check: async (run) => {
      const seen: Submission[] = [];
      const submit = async (submission: Submission): Promise<Answer> => {
        seen.push(submission);
        return { kind: "refused", code: "wrong-phase", message: "the round is collecting" };
      };
      await run({ coordinator: { submit } }, async ({ coordinator }) => {
        const advert = { client: parseClientId("ward-7"), maskKey: patterned(32), envelopeKey: patterned(32), signature: patterned(64) };
        const submission: Submission = { kind: "advert", position, advert };
        expect(await coordinator.submit(submission)).toEqual({ kind: "refused", code: "wrong-phase", message: "the round is collecting" });
        expect(seen).toEqual([submission]);
      });
    },
  },
  {
    name: "an error keeps its code and sentence, cut to the maximum",
    check: async (run) => {
      const errors = [new FlError("not-found", "no task Zürich \ud83d"), new FlError("aborted", "x".repeat(10_000))];
      const stopTask = (): Promise<void> => Promise.reject(errors.shift());
      await run({ admin: { stopTask } }, async ({ admin }) => {
        await expect(admin.stopTask(position.task)).rejects.toMatchObject({
          name: "FlError",
          code: "not-found",
          message: "no task Zürich \ufffd",
        });
        const cut = "x".repeat(limits.errorMessageSizeBytesMax);
        await expect(admin.stopTask(position.task)).rejects.toMatchObject({ code: "aborted", message: cut });
      });
    },
  },
  {
    name: "of a bug only the code crosses, and the next call is answered",
    check: async (run) => {
      const bugs: (() => Promise<Answer>)[] = [
        () => {
          throw new TypeError("secret of the coordinator");
        },
        () => Promise.reject(new FlError("internal", "secret of the coordinator")),
        async () => accepted,
      ];
      const submit = (): Promise<Answer> => bugs.shift()!();
      await run({ coordinator: { submit } }, async ({ coordinator }) => {
        const message = "the coordinator failed; its log says why";
        await expect(coordinator.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "internal", message });
        await expect(coordinator.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "internal", message });
        expect(await coordinator.submit({ kind: "ready", position })).toEqual(accepted);
      });
    },
  },
];
