import { connect as tlsConnect } from "node:tls";
import { Client, credentials } from "@grpc/grpc-js";
import { type ClientId, utf8 } from "@sotto/base";
import { identify } from "@sotto/identity";
import type { CoordinatorFace } from "@sotto/protocol";
import { coordinatorMethods } from "@sotto/wire";
import { expect, test } from "vitest";
import { accepted, facesWith, live, patterned, pieces, position } from "../contract/connection.ts";
import { dialAdmin } from "./dial.ts";
import { listen } from "./listen.ts";
import {
  createLoopbackFederation,
  dialled,
  keepingLogger,
  type LogLine,
  type Loopback,
  quietLogger,
  raw,
  serving,
  startLoopback,
} from "./loopback.ts";
import { clientOptions } from "./tuning.ts";

const federation = await createLoopbackFederation();
const options = { timeoutMs: 20_000 };
const { submit } = coordinatorMethods;

const faces = { coordinator: { submit: async () => accepted } };

/** Serves, and sees that nobody was so much as asked about, while an enrolled client is answered. */
async function strangers(use: (loopback: Loopback) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const identifyNoting = (fingerprint: string): ReturnType<typeof identify> => {
    asked.push(fingerprint);
    return identify(federation.roster, fingerprint);
  };
  await serving(federation, { ...faces, options: { identify: identifyNoting } }, async (loopback) => {
    await use(loopback);
    expect(asked).toEqual([]);
    await dialled(loopback, federation.firstTls, async (face) => expect(await face.submit({ kind: "ready", position })).toEqual(accepted));
    expect(asked).toHaveLength(1);
  });
}

test("a client without a certificate is not answered", async () => {
  await strangers(async ({ listener }) => {
    const anonymous = credentials.createSsl(Buffer.from(federation.coordinatorTls.rootCertificate));
    await raw(new Client(`localhost:${listener.port}`, anonymous, clientOptions), async (channel) => {
      await expect(channel.unary(submit.path, new Uint8Array(), options)).rejects.toMatchObject({ code: "unavailable" });
    });
  });
});

test("a client that speaks plain text is not answered", async () => {
  await strangers(async ({ address }) => {
    await raw(new Client(address, credentials.createInsecure(), clientOptions), async (channel) => {
      await expect(channel.unary(submit.path, new Uint8Array(), options)).rejects.toMatchObject({ code: "unavailable" });
    });
  });
});

test("a client with a certificate of another federation is not answered", async () => {
  const other = await createLoopbackFederation();
  const { certificate, privateKey } = other.firstTls;
  await strangers(async (loopback) => {
    const tls = { certificate, privateKey, rootCertificate: federation.coordinatorTls.rootCertificate };
    await dialled(loopback, tls, (face) => expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unavailable" }));
  });
});

test("a client does not talk to a coordinator of another federation", async () => {
  const other = await createLoopbackFederation();
  await strangers(async (loopback) => {
    await dialled(loopback, other.firstTls, (face) =>
      expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unavailable" }),
    );
  });
});

test("a client does not talk to a coordinator whose certificate is for another name or address", async () => {
  const elsewhere = await createLoopbackFederation(["coordinator.example.org", "127.0.0.2"]);
  const { listener } = await startLoopback(elsewhere, facesWith(faces));
  for (const host of ["127.0.0.1", "localhost"]) {
    await dialled({ listener, address: `${host}:${listener.port}` }, elsewhere.firstTls, (face) =>
      expect(face.submit({ kind: "ready", position })).rejects.toThrow(/altnames/),
    );
  }
  await listener.close(0);
});

test("TLS 1.2 is not spoken", async () => {
  await serving(federation, faces, async ({ listener }) => {
    const { rootCertificate, certificate, privateKey } = federation.firstTls;
    const socket = tlsConnect({
      host: "127.0.0.1",
      port: listener.port,
      ca: rootCertificate,
      cert: certificate,
      key: privateKey,
      maxVersion: "TLSv1.2",
      ALPNProtocols: ["h2"],
    });
    await expect(
      new Promise((resolve, reject) => {
        socket.once("secureConnect", resolve);
        socket.once("error", reject);
      }),
    ).rejects.toThrow(/protocol version/i);
    socket.destroy();
  });
});

test("a certificate of the federation that is not enrolled is refused, and one that no longer is from the next call on", async () => {
  const lines: LogLine[] = [];
  let enrolled = true;
  const identifyWhile = (): { kind: "client"; client: ClientId } | null =>
    enrolled ? { kind: "client", client: federation.firstClient } : null;
  await serving(federation, { ...faces, options: { identify: identifyWhile, logger: keepingLogger(lines) } }, async (loopback) => {
    await dialled(loopback, federation.firstTls, async (face) => {
      expect(await face.submit({ kind: "ready", position })).toEqual(accepted);
      enrolled = false;
      await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "unauthenticated" });
      expect(lines.filter(({ level }) => level === "warn")).toMatchObject([{ message: "call refused", fields: { path: submit.path } }]);
    });
  });
});

test("a client may not call the admin service, nor an operator the coordinator's", async () => {
  await serving(federation, { coordinator: { submit: async () => accepted }, admin: { listTasks: async () => [] } }, async (loopback) => {
    const admin = dialAdmin({ address: loopback.address, tls: federation.firstTls, logger: quietLogger });
    await expect(admin.listTasks()).rejects.toMatchObject({ code: "permission-denied" });
    await expect(admin.submitTask(utf8("{}"), pieces(patterned(9), 9))).rejects.toMatchObject({ code: "permission-denied" });
    admin.close();
    await dialled(loopback, federation.operatorTls, async (face) => {
      await expect(face.submit({ kind: "ready", position })).rejects.toMatchObject({ code: "permission-denied" });
      await expect(face.next(null, live())).rejects.toMatchObject({ code: "permission-denied" });
    });
  });
});

test("each call is answered by the face of the client whose certificate it is", async () => {
  const asked: string[] = [];
  const faceOf = (name: string): CoordinatorFace =>
    facesWith({
      coordinator: {
        submit: async () => {
          asked.push(name);
          return accepted;
        },
      },
    }).coordinator;
  const listener = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: federation.coordinatorTls,
    identify: (fingerprint) => identify(federation.roster, fingerprint),
    coordinator: faceOf,
    admin: () => facesWith({}).admin,
    logger: quietLogger,
    uploadSlots: 1,
  });
  const loopback = { listener, address: `127.0.0.1:${listener.port}` };
  await dialled(loopback, federation.firstTls, (face) => face.submit({ kind: "ready", position }));
  await dialled(loopback, federation.secondTls, (face) => face.submit({ kind: "ready", position }));
  await listener.close(0);
  expect(asked).toEqual(["ward-1", "ward-2"]);
});
