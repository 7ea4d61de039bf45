import { connect as http2Connect } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import { FlError } from "@sotto/base";
import type { Answer, CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import { coordinatorMethods, limits, type UploadPart } from "@sotto/wire";
import { expect, test } from "vitest";
import { aborted, accepted, collect, declare, deferred, live, patterned, pieces } from "../contract/connection.ts";
import { encoded } from "../messages.ts";
import { createLoopbackFederation, dialled, raw, rawClient, serving } from "./loopback.ts";

const federation = await createLoopbackFederation();
const options = { timeoutMs: 20_000 };
const { next, submit, uploadContribution } = coordinatorMethods;

test("a message over any maximum is refused by gRPC, one over its own maximum by its codec", async () => {
  await serving(federation, { coordinator: { submit: async () => accepted } }, async ({ address }) => {
    await raw(rawClient(address, federation.firstTls, { "grpc.max_send_message_length": -1 }), async (channel) => {
      const large = channel.unary(submit.path, new Uint8Array(limits.messageSizeBytesMax + 1), options);
      await expect(large).rejects.toMatchObject({ code: "resource-exhausted" });
      const bytes = await channel.unary(submit.path, new Uint8Array(limits.submissionSizeBytesMax + 1), options);
      expect(submit.response.decode(bytes)).toMatchObject({ value: { kind: "refused", code: "too-large" } });
    });
  });
});

test("what is no submission is refused as malformed, what is no cursor as an invalid argument", async () => {
  await serving(federation, { coordinator: { submit: async () => accepted } }, async ({ address }) => {
    await raw(rawClient(address, federation.firstTls), async (channel) => {
      const bytes = await channel.unary(submit.path, Uint8Array.of(1, 2, 3), options);
      expect(submit.response.decode(bytes)).toMatchObject({ value: { kind: "refused", code: "malformed" } });
      const poll = channel.unary(next.path, Uint8Array.of(1, 2, 3), options);
      await expect(poll).rejects.toMatchObject({ code: "invalid-argument" });
    });
  });
});

/** Sends parts as they are and ends the stream. */
async function sendParts(parts: readonly UploadPart[]): Promise<{ answer: unknown; outcome: string }> {
  let outcome = "not asked";
  const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
    outcome = await collect(chunks).then(
      () => "whole",
      (thrown: unknown) => (thrown instanceof FlError ? thrown.code : "other"),
    );
    return outcome === "whole" ? accepted : Promise.reject(new FlError("aborted", "not whole"));
  };
  const seen: { answer: unknown } = { answer: null };
  await serving(federation, { coordinator: { upload } }, async ({ address }) => {
    await raw(rawClient(address, federation.firstTls), async (channel) => {
      const messages = encoded(uploadContribution.request, listed(parts));
      const outcomeOf = uploadContribution.response.decode(await channel.clientStreaming(uploadContribution.path, messages, options));
      seen.answer = outcomeOf.kind === "ok" ? outcomeOf.value : outcomeOf.refusal;
    });
  });
  return { answer: seen.answer, outcome };
}

async function* listed<T>(values: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* values;
}

const contribution = patterned(5000);
const declaration: UploadPart = { kind: "declaration", declaration: declare(contribution) };

test("an upload that ends in good order without its last message does not count", async () => {
  const { answer, outcome } = await sendParts([declaration, { kind: "chunk", data: contribution, last: false }]);
  expect(answer).toMatchObject({ kind: "refused", code: "incomplete-upload" });
  expect(outcome).toBe("aborted");
});

test("an upload that begins with a chunk, declares twice, or is empty is malformed", async () => {
  const chunk: UploadPart = { kind: "chunk", data: contribution, last: true };
  expect((await sendParts([chunk])).answer).toMatchObject({ kind: "refused", code: "malformed" });
  expect((await sendParts([declaration, declaration, chunk])).answer).toMatchObject({ kind: "refused", code: "malformed" });
  expect((await sendParts([])).answer).toMatchObject({ kind: "refused", code: "malformed" });
});

test("what follows the last chunk is not read", async () => {
  const { answer, outcome } = await sendParts([declaration, { kind: "chunk", data: contribution, last: true }, declaration]);
  expect([answer, outcome]).toEqual([accepted, "whole"]);
});

test("a client that is killed in the middle of an upload is noticed, and nothing counts", async () => {
  const outcome = deferred<string>();
  const begun = deferred<void>();
  const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Answer> => {
    try {
      for await (const chunk of chunks) if (chunk.length > 0) begun.resolve();
      outcome.resolve("whole");
    } catch (thrown) {
      outcome.resolve(thrown instanceof FlError ? thrown.code : "other");
    }
    await aborted(signal);
    return accepted;
  };
  await serving(federation, { coordinator: { upload } }, async ({ listener }) => {
    const { rootCertificate, certificate, privateKey } = federation.firstTls;
    const tls = { ca: rootCertificate, cert: certificate, key: privateKey, servername: "localhost", ALPNProtocols: ["h2"] };
    const socket = tlsConnect(listener.port, "127.0.0.1", tls);
    const session = http2Connect("https://localhost", { createConnection: () => socket });
    session.on("error", () => undefined);
    const stream = session.request({
      ":method": "POST",
      ":path": uploadContribution.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => undefined);
    stream.write(framed(uploadContribution.request.encode(declaration)));
    stream.write(framed(uploadContribution.request.encode({ kind: "chunk", data: contribution, last: false })));
    await begun.promise;
    socket.destroy();
    expect(await outcome.promise).toBe("aborted");
  });
});

test("uploads beyond the slots are put off, and a slot is free again when its upload is done", async () => {
  const begun = deferred<void>();
  const goOn = deferred<void>();
  const upload = async (_: UploadDeclaration, chunks: AsyncIterable<Uint8Array>): Promise<Answer> => {
    begun.resolve();
    await goOn.promise;
    await collect(chunks);
    return accepted;
  };
  await serving(federation, { coordinator: { upload }, options: { uploadSlots: 1 } }, async (loopback) => {
    const send = (face: CoordinatorFace): Promise<Answer> => face.upload(declare(contribution), pieces(contribution, 999), live());
    await dialled(loopback, federation.firstTls, (first) =>
      dialled(loopback, federation.secondTls, async (second) => {
        const slow = send(first);
        await begun.promise;
        expect(await send(second)).toMatchObject({ kind: "not-now" });
        goOn.resolve();
        expect(await slow).toEqual(accepted);
        expect(await send(second)).toEqual(accepted);
      }),
    );
  });
});

/** A message as gRPC frames it: not compressed, its length, its bytes. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
