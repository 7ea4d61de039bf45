import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { type ClientId, instant, type OperatorId, parseClientId, parseFederationId, parseOperatorId } from "@sotto/base";
import { ed25519KeyPair, seededRng } from "@sotto/crypto";
import { beforeAll, expect, test } from "vitest";
import { createFederation, type FederationFiles, type FederationRequest } from "./create-federation.ts";
import { decodeKey } from "./key-text.ts";
import { enrolledKeys, identify, type Roster } from "./roster.ts";
import { parseRoster } from "./signed-roster.ts";
import type { TlsCredentials } from "./tls-certificate.ts";

const basel = parseClientId("basel");
const geneva = parseClientId("geneva");
const anna = parseOperatorId("anna");
const dayMs = 24 * 3600 * 1000;
const now = instant(Math.floor(Date.now() / 1000) * 1000);

let home: FederationFiles;
let stranger: FederationFiles;
let roster: Roster;

beforeAll(async () => {
  home = await createFederation(request());
  stranger = await createFederation(request());
  roster = rosterOf(home);
});

test("the roster of a new federation names everybody, in order, until the validity ends", () => {
  expect(roster).toMatchObject({ federation: "wards", version: 1, expiresAt: now + 30 * dayMs });
  expect(roster.clients.map(({ id }) => id)).toEqual(["basel", "geneva"]);
  expect(roster.operators.map(({ id }) => id)).toEqual(["anna"]);
});

test("a client's identity key is the one the roster verifies it by", () => {
  for (const id of [basel, geneva]) {
    const secretKey = decodeKey("identity-secret-key", clientFiles(home, id).identityKey);
    expect(enrolledKeys(roster).verificationKey(id)).toEqual(ed25519KeyPair(secretKey).publicKey);
  }
});

test("the authority's secret key is that of its public key", () => {
  const { publicKey } = ed25519KeyPair(decodeKey("authority-secret-key", home.authoritySecretKey));
  expect(decodeKey("authority-public-key", home.authorityPublicKey)).toEqual(publicKey);
});

test("a certificate says whom it is for, what for and how long, and the roster knows it by its fingerprint", () => {
  const certificate = new X509Certificate(clientFiles(home, basel).certificate);
  expect(certificate.subject).toBe("O=wards\nCN=basel");
  expect(certificate.subjectAltName).toBe("URI:sotto://wards/client/basel");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(certificate.ca).toBe(false);
  expect(Date.parse(certificate.validFrom)).toBe(now - 3600 * 1000);
  expect(Date.parse(certificate.validTo)).toBe(now + 30 * dayMs);
  expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(identify(roster, certificate.fingerprint256)).toEqual({ kind: "client", client: "basel" });
});

test("every certificate is signed by the root, and the coordinator's carries all its names", () => {
  const root = new X509Certificate(home.tlsRootCertificate);
  expect(root.ca).toBe(true);
  const leaves = [home.coordinator, ...home.clients.values(), ...home.operators.values()].map(
    ({ certificate }) => new X509Certificate(certificate),
  );
  for (const leaf of leaves) {
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
  }
  expect(new Set(leaves.map(({ serialNumber }) => serialNumber)).size).toBe(4);
  const coordinator = new X509Certificate(home.coordinator.certificate);
  expect(coordinator.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(["fl.example.org", "localhost"].map((name) => coordinator.checkHost(name))).toEqual(["fl.example.org", "localhost"]);
  expect(["127.0.0.1", "::1"].map((name) => coordinator.checkIP(name))).toEqual(["127.0.0.1", "::1"]);
  expect(coordinator.checkHost("elsewhere.example.org")).toBeUndefined();
});

test("coordinator and client prove themselves to each other over TLS 1.3, and the certificate names the caller", async () => {
  const asClient = await handshake({ credentials: clientFiles(home, geneva) });
  expect(asClient).toMatchObject({ client: "secure TLSv1.3", server: "authorized" });
  expect(identify(roster, asClient.fingerprint)).toEqual({ kind: "client", client: "geneva" });
  const asOperator = await handshake({ credentials: operatorFiles(home, anna) });
  expect(identify(roster, asOperator.fingerprint)).toEqual({ kind: "operator", operator: "anna" });
});

test("a caller without a certificate, or with another federation's, is not let in", async () => {
  expect((await handshake({ credentials: null })).server).toBe("refused");
  expect((await handshake({ credentials: clientFiles(stranger, basel) })).server).toBe("refused");
});

test("the coordinator's certificate does not pass for a client's", async () => {
  expect((await handshake({ credentials: home.coordinator })).server).toBe("refused");
});

test("a client does not talk to another federation's coordinator, to a client posing as one, or to another host", async () => {
  const credentials = clientFiles(home, basel);
  expect((await handshake({ credentials, serving: stranger.coordinator })).client).toMatch(/self-signed|unable to (verify|get)|signature/i);
  expect((await handshake({ credentials, serving: clientFiles(home, geneva) })).client).toMatch(/purpose/);
  expect((await handshake({ credentials, servername: "elsewhere.example.org" })).client).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
});

test("two federations made from one seed share identity keys but never TLS keys", () => {
  expect(stranger.authorityPublicKey).toBe(home.authorityPublicKey);
  expect(stranger.tlsRootPrivateKey).not.toBe(home.tlsRootPrivateKey);
  expect(rosterOf(stranger).digest).not.toBe(roster.digest);
});

test.each<[string, Partial<FederationRequest>]>([
  ["a client twice", { clients: [basel, basel] }],
  ["an operator twice", { operators: [anna, anna] }],
  ["no validity", { validDays: 0 }],
  ["half a day", { validDays: 0.5 }],
  ["eleven years", { validDays: 4015 }],
  ["no coordinator name", { coordinatorNames: [] }],
  ["a wildcard name", { coordinatorNames: ["*.example.org"] }],
  ["a name with a port", { coordinatorNames: ["localhost:50051"] }],
  ["an address with a zone", { coordinatorNames: ["fe80::1%eth0"] }],
])("a federation with %s is not made", async (_, change) => {
  await expect(createFederation({ ...request(), ...change })).rejects.toMatchObject({ name: "FlError", code: "invalid-argument" });
});

function request(): FederationRequest {
  return {
    federation: parseFederationId("wards"),
    clients: [geneva, basel],
    operators: [anna],
    coordinatorNames: ["localhost", "fl.example.org", "127.0.0.1", "::1"],
    validDays: 30,
    now,
    rng: seededRng(new Uint8Array(32).fill(7)),
  };
}

function rosterOf(files: FederationFiles): Roster {
  const read = parseRoster(files.roster, decodeKey("authority-public-key", files.authorityPublicKey));
  if (read.kind === "refused") throw new RangeError(read.refusal.message);
  return read.value;
}

function clientFiles(files: FederationFiles, id: ClientId): TlsCredentials & { readonly identityKey: string } {
  return files.clients.get(id)!;
}

function operatorFiles(files: FederationFiles, id: OperatorId): TlsCredentials {
  return files.operators.get(id)!;
}

interface Attempt {
  readonly credentials: TlsCredentials | null;
  readonly serving?: TlsCredentials;
  readonly servername?: string;
}

/** One connection over loopback, as the transport makes it: what each side came to. */
async function handshake({ credentials, serving = home.coordinator, servername = "localhost" }: Attempt) {
  const server = createServer({
    key: serving.privateKey,
    cert: serving.certificate,
    ca: home.tlsRootCertificate,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  });
  const seen = { client: "", server: "refused", fingerprint: "" };
  server.on("secureConnection", (socket) => {
    seen.server = socket.authorized ? "authorized" : "unauthorized";
    seen.fingerprint = socket.getPeerCertificate().fingerprint256;
    socket.on("error", () => undefined);
    socket.end("welcome");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port,
    servername,
    ca: home.tlsRootCertificate,
    ...(credentials === null ? {} : { key: credentials.privateKey, cert: credentials.certificate }),
  });
  socket.on("secureConnect", () => {
    seen.client = `secure ${socket.getProtocol()}`;
  });
  socket.on("error", (error) => {
    seen.client = `${"code" in error ? error.code : ""} ${error.message}`;
  });
  socket.resume();
  await new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => server.close(resolve));
  return seen;
}
