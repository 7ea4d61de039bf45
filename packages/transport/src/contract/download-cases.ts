import { type Digest, FlError, utf8 } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { BlobStream } from "@sotto/protocol";
import { limits } from "@sotto/wire";
import { expect } from "vitest";
import { accepted, blobOf, type Case, collect, deferred, live, patterned, pieces, position, untilStill } from "./connection.ts";

/** Models and rosters on their way down. */
export const downloadCases: readonly Case[] = [
  {
    name: "a model arrives whole, by its digest",
    check: async (run) => {
      const model = patterned(1_000_003);
      const downloadModel = async (digest: Digest): Promise<BlobStream> => {
        if (digest !== sha256Digest(model)) throw new FlError("not-found", "no such model");
        return blobOf(model);
      };
      await run({ coordinator: { downloadModel } }, async ({ coordinator }) => {
        const { digest, sizeBytes, chunks } = await coordinator.downloadModel(sha256Digest(model), live());
        expect([digest, sizeBytes]).toEqual([sha256Digest(model), model.length]);
        expect(sha256Digest(await collect(chunks))).toBe(digest);
        await expect(coordinator.downloadModel(sha256Digest(utf8("none")), live())).rejects.toMatchObject({ code: "not-found" });
      });
    },
  },
  {
    name: "a model that is not what was asked for, or not whole, is not handed over",
    check: async (run) => {
      const model = patterned(600_000);
      const digest = sha256Digest(model);
      const blobs: BlobStream[] = [
        blobOf(utf8("another")),
        blobOf(model, pieces(model.subarray(1), 100_000)),
        blobOf(model, pieces(patterned(600_001), 100_000)),
        blobOf(model, pieces(new Uint8Array(model.length), 100_000)),
        blobOf(model, failing()),
      ];
      async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
        yield model.subarray(0, 300_000);
        throw new FlError("data-loss", "the disk is gone");
      }
      const downloadModel = async (): Promise<BlobStream> => blobs.shift()!;
      await run({ coordinator: { downloadModel } }, async ({ coordinator }) => {
        await expect(coordinator.downloadModel(digest, live())).rejects.toMatchObject({ code: "data-loss" });
        for (const code of ["aborted", "aborted", "aborted", "data-loss"]) {
          const { chunks } = await coordinator.downloadModel(digest, live());
          await expect(collect(chunks)).rejects.toMatchObject({ name: "FlError", code });
        }
      });
    },
  },
  {
    name: "a download that is left or cancelled closes its source at the coordinator",
    check: async (run) => {
      const closed = [deferred<void>(), deferred<void>()];
      let call = 0;
      const downloadModel = async (digest: Digest): Promise<BlobStream> => {
        const { resolve } = closed[call++]!;
        async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
          try {
            for (;;) yield new Uint8Array(limits.chunkSizeBytesMax);
          } finally {
            resolve();
          }
        }
        return { digest, sizeBytes: 2 ** 32, chunks: endless() };
      };
      await run({ coordinator: { downloadModel } }, async ({ coordinator }) => {
        const left = await coordinator.downloadModel(sha256Digest(utf8("a")), live());
        for await (const chunk of left.chunks) if (chunk.length > 0) break;
        await closed[0]!.promise;
        const controller = new AbortController();
        const cancelled = await coordinator.downloadModel(sha256Digest(utf8("b")), controller.signal);
        controller.abort();
        await expect(collect(cancelled.chunks)).rejects.toMatchObject({ code: "aborted" });
        await closed[1]!.promise;
      });
    },
  },
  {
    name: "a download goes no faster than the client reads",
    check: async (run) => {
      const model = new Uint8Array(400 * limits.chunkSizeBytesMax);
      let sent = 0;
      async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
        for await (const piece of pieces(model, limits.chunkSizeBytesMax)) {
          sent++;
          yield piece;
        }
      }
      const downloadModel = async (): Promise<BlobStream> => blobOf(model, counted());
      await run({ coordinator: { downloadModel, submit: async () => accepted } }, async ({ coordinator }) => {
        const { digest, chunks } = await coordinator.downloadModel(sha256Digest(model), live());
        await untilStill(
          () => sent,
          () => coordinator.submit({ kind: "ready", position }),
        );
        // 16 messages on each side, 8 MiB of window, and the sockets.
        expect(sent).toBeLessThan(160);
        expect(sha256Digest(await collect(chunks))).toBe(digest);
        expect(sent).toBe(400);
      });
    },
  },
  {
    name: "the roster arrives, larger than any one message",
    check: async (run) => {
      const roster = patterned(2_000_000);
      await run({ coordinator: { roster: async () => roster } }, async ({ coordinator }) => {
        expect(sha256Digest(await coordinator.roster(sha256Digest(roster)))).toBe(sha256Digest(roster));
      });
    },
  },
];
