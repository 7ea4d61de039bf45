import { concatBytes, type Digest, fromUtf8, instant, parseClientId, parseFederationId, parseOperatorId, utf8 } from "@sotto/base";
import { ed25519KeyPair, ed25519Sign, sha256Digest, transcript } from "@sotto/crypto";
import { canonicalJson, type Json } from "@sotto/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toBase64url } from "./base64url.ts";
import { enrolledKeys, identify, type RosterBody } from "./roster.ts";
import { encodeRosterBody, rosterLimits } from "./roster-body.ts";
import { parseRoster, rosterSizeBytesMax, signRoster } from "./signed-roster.ts";

const authority = ed25519KeyPair(new Uint8Array(32).fill(1));
const other = ed25519KeyPair(new Uint8Array(32).fill(2));

test("a roster file is canonical JSON and the signature of its transcript, a line each", () => {
  const file = fromUtf8(signRoster(sample(), authority.secretKey));
  const [body = "", signature, rest] = file.split("\n");
  expect(body).toMatch(
    /^\{"clients":\[\{"certificateFingerprint":"[0-9a-f]{64}","id":"basel","labels":\["site=basel"\],"verificationKey":"/,
  );
  expect(signature).toBe(toBase64url(ed25519Sign(authority.secretKey, transcript("sotto/roster/1", utf8(body)))));
  expect(rest).toBe("");
});

test("what the authority signed is what is read, under the digest of the file", () => {
  fc.assert(
    fc.property(bodies(), (body) => {
      const file = signRoster(body, authority.secretKey);
      const read = parseRoster(file, authority.publicKey);
      expect(read).toMatchObject({ kind: "ok", value: { ...body, digest: sha256Digest(file) } });
    }),
    { numRuns: 50 },
  );
});

test("no single changed byte passes", () => {
  const file = signRoster(sample(), authority.secretKey);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Uint8Array.from(file);
      changed[at]! ^= change;
      expect(parseRoster(changed, authority.publicKey).kind).toBe("refused");
    }),
  );
});

test("no shorter or longer file passes", () => {
  const file = signRoster(sample(), authority.secretKey);
  for (let length = 0; length < file.length; length++) expect(codeOf(file.subarray(0, length))).toMatch(/^bad-roster/);
  expect(codeOf(concatBytes(file, utf8("\n")))).toMatch(/^bad-roster/);
  expect(codeOf(concatBytes(utf8("\ufeff"), file))).toBe("bad-roster-signature");
});

test("another authority's roster is refused", () => {
  expect(codeOf(signRoster(sample(), other.secretKey))).toBe("bad-roster-signature");
  expect(codeOf(signRoster(sample(), authority.secretKey), new Uint8Array(31))).toBe("bad-roster-signature");
});

test("a signature made for something else does not sign a roster", () => {
  const body = encodeRosterBody(sample());
  expect(codeOf(fileOf(body, ed25519Sign(authority.secretKey, body)))).toBe("bad-roster-signature");
});

test("what is signed but is no canonical roster is refused", () => {
  const good = fromUtf8(encodeRosterBody(sample()));
  expect(codeOf(signed(good))).toBe("ok");
  expect(codeOf(signed(`${good} `))).toBe("bad-roster");
  expect(codeOf(signed(good.replace('"version":1', '"version": 1')))).toBe("bad-roster");
  expect(codeOf(signed(good.replace('"version":1', '"version":2,"version":1')))).toBe("bad-roster");
  expect(codeOf(signed(good.replace('"version":1', '"version":1.0')))).toBe("bad-roster");
  expect(codeOf(signed(`${good}\n`))).toBe("bad-roster");
  expect(codeOf(signed("not json"))).toBe("bad-roster");
  expect(codeOf(signed("[]"))).toBe("bad-roster");
});

test.each<[string, Json]>([
  ["nothing", {}],
  ["other members", { clients: [client("a", 1), client("b", 2)], operators: [operator("a", 91), operator("b", 92)] }],
])("the roster the next test changes passes with %s changed", (_, change) => {
  expect(codeOf(changedSample(change))).toBe("ok");
});

test.each<[string, Json]>([
  ["an unknown field", { note: "hello" }],
  ["another format", { format: "sotto-roster/2" }],
  ["version 0", { version: 0 }],
  ["a version that is no integer", { version: 1.5 }],
  ["no version", { version: null }],
  ["an expiry before time began", { expiresAtMs: -1 }],
  ["a federation that is no id", { federation: "Basel" }],
  ["a client with an unknown field", { clients: [{ ...client("a", 1), admin: true }] }],
  ["a client that is no id", { clients: [client("A", 1)] }],
  ["a short key", { clients: [{ ...client("a", 1), verificationKey: toBase64url(new Uint8Array(31)) }] }],
  ["a key in another base64", { clients: [{ ...client("a", 1), verificationKey: `${"A".repeat(42)}B` }] }],
  ["a fingerprint in capitals", { clients: [{ ...client("a", 1), certificateFingerprint: "AB".repeat(32) }] }],
  ["a label with a space", { clients: [{ ...client("a", 1), labels: ["site basel"] }] }],
  ["labels out of order", { clients: [{ ...client("a", 1), labels: ["b", "a"] }] }],
  ["a label twice", { clients: [{ ...client("a", 1), labels: ["a", "a"] }] }],
  ["too many labels", { clients: [{ ...client("a", 1), labels: Array.from({ length: 17 }, (_, i) => `l${i + 10}`) }] }],
  ["clients out of order", { clients: [client("b", 1), client("a", 2)] }],
  ["a client twice", { clients: [client("a", 1), client("a", 2)] }],
  ["two clients with one key", { clients: [client("a", 1), { ...client("b", 2), verificationKey: client("a", 1).verificationKey }] }],
  [
    "two clients with one certificate",
    { clients: [client("a", 1), { ...client("b", 2), certificateFingerprint: client("a", 1).certificateFingerprint }] },
  ],
  ["operators out of order", { operators: [operator("b", 91), operator("a", 92)] }],
  ["an operator twice", { operators: [operator("a", 91), operator("a", 92)] }],
  ["an operator with a client's certificate", { clients: [client("a", 1)], operators: [operator("z", 1)] }],
])("a signed roster with %s is refused", (_, change) => {
  expect(codeOf(changedSample(change))).toBe("bad-roster");
});

test("more clients, operators or bytes than the bounds are refused", () => {
  const clients = Array.from({ length: rosterLimits.clientCountMax + 1 }, (_, i) => client(`c${10_000 + i}`, i + 1_000));
  const operators = Array.from({ length: rosterLimits.operatorCountMax + 1 }, (_, i) => operator(`o${10_000 + i}`, i + 50_000));
  expect(codeOf(changedSample({ clients }))).toBe("bad-roster");
  expect(codeOf(changedSample({ clients: clients.slice(1), operators: operators.slice(1) }))).toBe("ok");
  expect(codeOf(changedSample({ operators }))).toBe("bad-roster");
  expect(codeOf(new Uint8Array(rosterSizeBytesMax + 1))).toBe("bad-roster");
});

test("the authority cannot sign what would be refused", () => {
  const { clients, ...rest } = sample();
  expect(() => signRoster({ ...rest, clients: [...clients].reverse() }, authority.secretKey)).toThrowError(
    expect.objectContaining({ name: "FlError", code: "invalid-argument", message: "client ids must ascend and basel follows geneva" }),
  );
});

test("a certificate leads to its client or operator, however its fingerprint is written", () => {
  const read = parseRoster(signRoster(sample(), authority.secretKey), authority.publicKey);
  if (read.kind === "refused") throw new RangeError(read.refusal.message);
  const asNode = (digest: Digest): string => digest.toUpperCase().match(/../g)!.join(":");
  expect(identify(read.value, fingerprint(1))).toEqual({ kind: "client", client: "basel" });
  expect(identify(read.value, asNode(fingerprint(2)))).toEqual({ kind: "client", client: "geneva" });
  expect(identify(read.value, asNode(fingerprint(90)))).toEqual({ kind: "operator", operator: "anna" });
  for (const unknown of [fingerprint(3), "", "basel", "constructor"]) expect(identify(read.value, unknown)).toBeNull();
});

test("an enrolled client has its key and nobody else has one", () => {
  const read = parseRoster(signRoster(sample(), authority.secretKey), authority.publicKey);
  if (read.kind === "refused") throw new RangeError(read.refusal.message);
  const keys = enrolledKeys(read.value);
  expect(keys.verificationKey(parseClientId("geneva"))).toEqual(key(2));
  for (const id of ["anna", "bern", "constructor"]) expect(keys.verificationKey(parseClientId(id))).toBeNull();
});

function codeOf(file: Uint8Array, authorityKey: Uint8Array = authority.publicKey): string {
  const read = parseRoster(file, authorityKey);
  return read.kind === "ok" ? "ok" : read.refusal.code;
}

/** The sample with some of its fields replaced, signed by the authority. */
function changedSample(change: Json): Uint8Array {
  const body = JSON.parse(fromUtf8(encodeRosterBody(sample())));
  return signed(fromUtf8(canonicalJson({ ...body, ...Object(change) })));
}

function signed(body: string): Uint8Array {
  return fileOf(utf8(body), ed25519Sign(authority.secretKey, transcript("sotto/roster/1", utf8(body))));
}

function fileOf(body: Uint8Array, signature: Uint8Array): Uint8Array {
  return utf8(`${fromUtf8(body)}\n${toBase64url(signature)}\n`);
}

function sample(): RosterBody {
  return {
    federation: parseFederationId("swiss-wards"),
    version: 1,
    expiresAt: instant(1_900_000_000_000),
    clients: [
      { id: parseClientId("basel"), verificationKey: key(1), certificateFingerprint: fingerprint(1), labels: ["site=basel"] },
      { id: parseClientId("geneva"), verificationKey: key(2), certificateFingerprint: fingerprint(2), labels: [] },
    ],
    operators: [{ id: parseOperatorId("anna"), certificateFingerprint: fingerprint(90) }],
  };
}

function bodies(): fc.Arbitrary<RosterBody> {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,8}[a-z0-9])?$/), { maxLength: 20 }).map((ids) => ids.sort());
  return fc.record({
    federation: fc.constant(parseFederationId("swiss-wards")),
    version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    expiresAt: fc.nat().map(instant),
    clients: fc.tuple(names, names).map(([ids, labels]) =>
      ids.map((id, i) => ({
        id: parseClientId(id),
        verificationKey: key(i),
        certificateFingerprint: fingerprint(i),
        labels: labels.slice(0, 16),
      })),
    ),
    operators: names.map((ids) => ids.map((id, i) => ({ id: parseOperatorId(id), certificateFingerprint: fingerprint(1_000 + i) }))),
  });
}

function client(id: string, n: number) {
  return { id, verificationKey: toBase64url(key(n)), certificateFingerprint: fingerprint(n), labels: [] };
}

function operator(id: string, n: number) {
  return { id, certificateFingerprint: fingerprint(n) };
}

/** Any 32 bytes serve as a key here: nobody signs with it. */
function key(n: number): Uint8Array {
  return utf8(`key ${n}`.padEnd(32));
}

function fingerprint(n: number): Digest {
  return sha256Digest(utf8(`certificate ${n}`));
}
