import { FlError, utf8 } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { Answer, CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import { limits } from "@sotto/wire";
import { expect } from "vitest";
import { accepted, type Case, collect, declare, deferred, live, patterned, pieces, position, untilStill } from "./connection.ts";

/** Contributions on their way up. */
export const uploadCases: readonly Case[] = [
  ...[1, limits.chunkSizeBytesMax, limits.chunkSizeBytesMax + 1, 1_000_003].flatMap((sizeBytes) => [
    wholeUpload(sizeBytes, 1 + Math.floor(sizeBytes / 7)),
    wholeUpload(sizeBytes, 2 * sizeBytes),
  ]),
  {
    name: "an upload counts only with the declared length and digest",
    check: async (run) => {
      const contribution = patterned(600_000);
      const wrong = {
        ...declare(contribution),
        header: { ...declare(contribution).header, contributionDigest: sha256Digest(utf8("else")) },
      };
      const { face, outcomes } = counting();
      await run({ coordinator: face }, async ({ coordinator }) => {
        const send = (declaration: UploadDeclaration, bytes: Uint8Array): Promise<Answer> =>
          coordinator.upload(declaration, pieces(bytes, 100_000), live());
        expect(await send(wrong, contribution)).toMatchObject({ kind: "refused", code: "digest-mismatch" });
        expect(await send(declare(contribution), contribution.subarray(1))).toMatchObject({ kind: "refused", code: "incomplete-upload" });
        expect(await send(declare(contribution), patterned(600_001))).toMatchObject({ kind: "refused", code: "incomplete-upload" });
        expect(await send(declare(contribution), new Uint8Array())).toMatchObject({ kind: "refused", code: "incomplete-upload" });
        expect(await send(declare(contribution), contribution)).toEqual(accepted);
        expect(outcomes).toEqual(["aborted", "aborted", "aborted", "aborted", "whole"]);
      });
    },
  },
  {
    name: "an upload whose source fails fails with that error, and does not count",
    check: async (run) => {
      const contribution = patterned(600_000);
      const { face, outcomes, begun, settled } = counting();
      async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
        yield contribution.subarray(0, 300_000);
        await begun.promise;
        throw new FlError("data-loss", "the disk is gone");
      }
      await run({ coordinator: face }, async ({ coordinator }) => {
        const answer = coordinator.upload(declare(contribution), failing(), live());
        await expect(answer).rejects.toMatchObject({ code: "data-loss", message: "the disk is gone" });
        await settled.promise;
        expect(outcomes).toEqual(["aborted"]);
      });
    },
  },
  {
    name: "a cancelled upload does not count, and its source is closed",
    check: async (run) => {
      const contribution = patterned(600_000);
      const controller = new AbortController();
      const closed = deferred<void>();
      const { face, outcomes, begun, settled } = counting();
      async function* hanging(): AsyncGenerator<Uint8Array, void, undefined> {
        try {
          yield contribution.subarray(0, 300_000);
          await begun.promise;
          controller.abort();
          yield contribution.subarray(300_000, 400_000);
        } finally {
          closed.resolve();
        }
      }
      await run({ coordinator: face }, async ({ coordinator }) => {
        await expect(coordinator.upload(declare(contribution), hanging(), controller.signal)).rejects.toMatchObject({ code: "cancelled" });
        await settled.promise;
        await closed.promise;
        expect(outcomes).toEqual(["aborted"]);
      });
    },
  },
  {
    name: "a coordinator that answers before the end is heard, and the rest is not sent",
    check: async (run) => {
      const closed = deferred<void>();
      async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
        try {
          for (;;) yield new Uint8Array(limits.chunkSizeBytesMax);
        } finally {
          closed.resolve();
        }
      }
      const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
        for await (const chunk of chunks) if (chunk.length > 0) break;
        return { kind: "stale", round: 9 };
      };
      await run({ coordinator: { upload } }, async ({ coordinator }) => {
        const declaration = { ...declare(patterned(1)), sizeBytes: 2 ** 32 };
        expect(await coordinator.upload(declaration, endless(), live())).toEqual({ kind: "stale", round: 9 });
        await closed.promise;
      });
    },
  },
  {
    name: "a client's newer upload ends its older one",
    check: async (run) => {
      const contribution = patterned(600_000);
      const { face, outcomes, begun } = counting();
      async function* hanging(): AsyncGenerator<Uint8Array, void, undefined> {
        yield contribution.subarray(0, 300_000);
        await new Promise(() => undefined);
      }
      await run({ coordinator: face }, async ({ coordinator }) => {
        const older = coordinator.upload(declare(contribution), hanging(), live());
        await begun.promise;
        expect(await coordinator.upload(declare(contribution), pieces(contribution, 50_000), live())).toEqual(accepted);
        expect(await older).toMatchObject({ kind: "refused", code: "incomplete-upload" });
        expect(outcomes).toEqual(["aborted", "whole"]);
      });
    },
  },
  {
    name: "an upload goes no faster than the coordinator reads",
    check: async (run) => {
      const goOn = deferred<void>();
      const contribution = new Uint8Array(200 * limits.chunkSizeBytesMax);
      const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
        await goOn.promise;
        for await (const chunk of chunks) expect(chunk.length).toBe(limits.chunkSizeBytesMax);
        return accepted;
      };
      let sent = 0;
      async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
        for await (const piece of pieces(contribution, limits.chunkSizeBytesMax)) {
          sent++;
          yield piece;
        }
      }
      await run({ coordinator: { upload, submit: async () => accepted } }, async ({ coordinator }) => {
        const answer = coordinator.upload(declare(contribution), counted(), live());
        await untilStill(
          () => sent,
          () => coordinator.submit({ kind: "ready", position }),
        );
        // 16 messages on each side, 1 MiB of window, and the sockets.
        expect(sent).toBeLessThan(80);
        goOn.resolve();
        expect(await answer).toEqual(accepted);
        expect(sent).toBe(200);
      });
    },
  },
];

function wholeUpload(sizeBytes: number, pieceSizeBytes: number): Case {
  return {
    name: `an upload of ${sizeBytes} bytes in pieces of ${pieceSizeBytes} arrives whole, in chunks`,
    check: async (run) => {
      const contribution = patterned(sizeBytes);
      const taken: { declaration: UploadDeclaration; bytes: Uint8Array; largest: number }[] = [];
      const upload = async (declaration: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        const largest = Math.max(...parts.map((part) => part.length));
        taken.push({ declaration, bytes: new Uint8Array(Buffer.concat(parts)), largest });
        return accepted;
      };
      await run({ coordinator: { upload } }, async ({ coordinator }) => {
        expect(await coordinator.upload(declare(contribution), pieces(contribution, pieceSizeBytes), live())).toEqual(accepted);
        expect(taken[0]!.declaration).toEqual(declare(contribution));
        expect(sha256Digest(taken[0]!.bytes)).toBe(sha256Digest(contribution));
        expect(taken[0]!.largest).toBeLessThanOrEqual(limits.chunkSizeBytesMax);
      });
    },
  };
}

/** A coordinator that takes uploads and notes what came of each. */
function counting(): {
  readonly face: Partial<CoordinatorFace>;
  readonly outcomes: string[];
  readonly begun: { readonly promise: Promise<void> };
  readonly settled: { readonly promise: Promise<void> };
} {
  const outcomes: string[] = [];
  const begun = deferred<void>();
  const settled = deferred<void>();
  const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
    try {
      await collect(chunks, begun.resolve);
      outcomes.push("whole");
      return accepted;
    } catch (thrown) {
      outcomes.push(thrown instanceof FlError ? thrown.code : "other");
      throw thrown;
    } finally {
      settled.resolve();
    }
  };
  return { face: { upload }, outcomes, begun, settled };
}
