import { connect as http2Connect } from "node:http2";
import { connect as tlsConnect } from "node:tls";
import { Metadata } from "@grpc/grpc-js";
import { type ClientId, FlError } from "@sotto/base";
import type { Instruction } from "@sotto/protocol";
import { coordinatorMethods, limits } from "@sotto/wire";
import { describe, expect, test } from "vitest";
import { aborted, accepted, type Connection, deferred, facesWith, live, position } from "../contract/connection.ts";
import { transportContract } from "../contract.ts";
import { dialAdmin, dialCoordinator } from "./dial.ts";
import { listen } from "./listen.ts";
import {
  createLoopbackFederation,
  dialled,
  keepingLogger,
  type LogLine,
  quietLogger,
  rawClient,
  serving,
  startLoopback,
} from "./loopback.ts";
import { toBuffer, toBytes } from "./service-definition.ts";
import { serverWindowSizeBytes } from "./tuning.ts";

const federation = await createLoopbackFederation();
const { submit } = coordinatorMethods;

describe("the gRPC transport", () => {
  transportContract(async (faces): Promise<Connection> => {
    const { listener, address } = await startLoopback(federation, faces);
    const coordinator = dialCoordinator({ address, tls: federation.firstTls, logger: quietLogger });
    const admin = dialAdmin({ address, tls: federation.operatorTls, logger: quietLogger });
    return {
      coordinator,
      admin,
      close: async () => {
        coordinator.close();
        admin.close();
        await listener.close(0);
      },
    };
  });
});

test("it grants each stream, and each connection, the larger window", async () => {
  await serving(federation, {}, async ({ listener }) => {
    const { rootCertificate, certificate, privateKey } = federation.firstTls;
    const tls = { ca: rootCertificate, cert: certificate, key: privateKey, servername: "localhost", ALPNProtocols: ["h2"] };
    const session = http2Connect("https://localhost", { createConnection: () => tlsConnect(listener.port, "127.0.0.1", tls) });
    const settings = await new Promise<{ initialWindowSize?: number; maxConcurrentStreams?: number }>((resolve) => {
      session.once("remoteSettings", resolve);
    });
    await new Promise((resolve) => session.ping(resolve));
    expect(settings).toMatchObject({ initialWindowSize: serverWindowSizeBytes, maxConcurrentStreams: 16 });
    expect(session.state.remoteWindowSize).toBe(serverWindowSizeBytes);
    await new Promise<void>((resolve) => session.close(resolve));
  });
});

test("a bug in what the server is given is an error of the call and a line of the log, not the end of the server", async () => {
  const lines: LogLine[] = [];
  const logger = keepingLogger(lines);
  const faces = facesWith({ coordinator: { submit: async () => accepted } });
  let broken = true;
  const identifyOrFail = (): { kind: "client"; client: ClientId } => {
    if (broken) throw new TypeError("bug");
    return { kind: "client", client: federation.firstClient };
  };
  const loopback = await startLoopback(federation, faces, { logger, identify: identifyOrFail });
  await dialled(loopback, federation.firstTls, async (face) => {
    await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "internal" });
    broken = false;
    expect(await face.submit({ kind: "ready", position })).toEqual(accepted);
  });
  expect(lines.filter(({ level }) => level === "error")).toMatchObject([{ message: "call failed", fields: { reason: "bug" } }]);
  await loopback.listener.close(0);
});

test("closing waits for the calls in progress", async () => {
  const polled = deferred<void>();
  const answer = deferred<Instruction>();
  const next = (): Promise<Instruction> => {
    polled.resolve();
    return answer.promise;
  };
  await serving(federation, { coordinator: { next } }, async (loopback) => {
    await dialled(loopback, federation.firstTls, async (face) => {
      const instruction = face.next(null, live());
      await polled.promise;
      const closed = loopback.listener.close(20_000);
      answer.resolve({ kind: "idle", retryAfterMs: 5 });
      expect(await instruction).toEqual({ kind: "idle", retryAfterMs: 5 });
      await closed;
      await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unavailable" });
    });
  });
});

test("closing without grace ends the calls in progress, on both sides", async () => {
  const polled = deferred<AbortSignal>();
  const next = (_: unknown, signal: AbortSignal): Promise<Instruction> => {
    polled.resolve(signal);
    return new Promise(() => undefined);
  };
  await serving(federation, { coordinator: { next } }, async (loopback) => {
    await dialled(loopback, federation.firstTls, async (face) => {
      const instruction = face.next(null, live());
      const ended = expect(instruction).rejects.toMatchObject({ name: "FlError" });
      const signal = await polled.promise;
      await loopback.listener.close(0);
      await ended;
      await aborted(signal);
    });
  });
});

test("a port that is taken is unavailable", async () => {
  const faces = facesWith({});
  await serving(federation, {}, async ({ listener }) => {
    const second = listen({
      host: "127.0.0.1",
      port: listener.port,
      tls: federation.coordinatorTls,
      identify: () => null,
      coordinator: () => faces.coordinator,
      admin: () => faces.admin,
      logger: quietLogger,
      uploadSlots: 1,
    });
    await expect(second).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("a certificate without its key is an invalid argument", async () => {
  const tls = { ...federation.firstTls, privateKey: federation.secondTls.privateKey };
  expect(() => dialCoordinator({ address: "127.0.0.1:1", tls, logger: quietLogger })).toThrow(FlError);
});

test("a call after close, and one to a port where nobody listens, is unavailable", async () => {
  const face = dialCoordinator({ address: "127.0.0.1:1", tls: federation.firstTls, logger: quietLogger });
  await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unavailable" });
  face.close();
  await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unavailable" });
});

test("a compressed message may not grow beyond the maximum", async () => {
  await serving(federation, { coordinator: { submit: async () => accepted } }, async ({ address }) => {
    const client = rawClient(address, federation.firstTls, { "grpc.max_send_message_length": -1, "grpc.default_compression_algorithm": 2 });
    const answer = new Promise((resolve, reject) => {
      const bytes = new Uint8Array(16 * limits.messageSizeBytesMax);
      client.makeUnaryRequest(submit.path, toBuffer, toBytes, bytes, new Metadata(), {}, (error, value) =>
        error ? reject(error) : resolve(value),
      );
    });
    await expect(answer).rejects.toMatchObject({ code: 8 });
    client.close();
  });
});
