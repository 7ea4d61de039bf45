import {
  digestFromBytes,
  fromUtf8,
  parseClientId,
  parseDigest,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  utf8,
} from "@sotto/base";
import { ed25519KeyPair, sha256 } from "@sotto/crypto";
import { canonicalJson, type Json } from "@sotto/schema";
import { cohortSizeMax, type Evidence, type SessionContext } from "@sotto/secagg";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import { evidenceOf, type Lie } from "./contract/lying-session.ts";
import {
  checkEvidenceFile,
  type EvidenceFile,
  type EvidenceRoster,
  encodeEvidenceFile,
  evidenceFileSizeBytesMax,
  parseEvidenceFile,
} from "./evidence-file.ts";

const federation = parseFederationId("alps");
const clients = ["basel", "bern", "geneva", "zurich"].map((id) => ({ id: parseClientId(id), secretKey: sha256(utf8(id)) }));
const roster: EvidenceRoster = {
  federation,
  digest: parseDigest("ab".repeat(32)),
  clients: clients.map(({ id, secretKey }) => ({ id, verificationKey: ed25519KeyPair(secretKey).publicKey })),
};
const context: SessionContext = {
  federation,
  rosterDigest: roster.digest,
  planDigest: parseDigest("01".repeat(32)),
  modelDigest: parseDigest("02".repeat(32)),
  round: parseRoundNumber(7),
  session: parseSessionNumber(0),
};

const names: readonly Lie[] = ["two-adverts", "two-bundles", "two-headers", "two-reveals", "false-seed", "false-share", "another-key"];
const files = names.map((lie): readonly [Lie, EvidenceFile] => [
  lie,
  { version: 1, context, evidence: evidenceOf[lie]({ context, clients }) },
]);
const fileOf = (lie: Lie): EvidenceFile => files.find(([name]) => name === lie)![1];

/** What a text comes to: who is convicted, or why nobody is. */
function outcomeOf(bytes: Uint8Array): string {
  let file: EvidenceFile;
  try {
    file = parseEvidenceFile(bytes);
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: "FlError", code: "invalid-argument" });
    return "not evidence";
  }
  const checked = checkEvidenceFile(file, { roster });
  return checked.kind === "ok" ? `convicts ${checked.value}` : checked.refusal.code;
}

test("a file is one line of canonical JSON with bytes in hexadecimal", () => {
  const fields = (byte: number) => ({ fields: [new Uint8Array(32).fill(byte)], signature: new Uint8Array(64).fill(byte + 1) });
  const accused = parseClientId("bern");
  const evidence: Evidence = {
    kind: "equivocation",
    contextDigest: sha256(utf8("")),
    accused,
    label: "con",
    first: fields(3),
    second: fields(5),
  };
  const text =
    '{"context":{"federation":"alps"' +
    `,"modelDigest":"${"02".repeat(32)}","planDigest":"${"01".repeat(32)}","rosterDigest":"${"ab".repeat(32)}","round":7,"session":0}` +
    ',"evidence":{"accused":"bern","contextDigest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"' +
    `,"first":{"fields":["${"03".repeat(32)}"],"signature":"${"04".repeat(64)}"},"kind":"equivocation","label":"con"` +
    `,"second":{"fields":["${"05".repeat(32)}"],"signature":"${"06".repeat(64)}"}},"version":1}`;
  expect(fromUtf8(encodeEvidenceFile({ version: 1, context, evidence }))).toBe(text);
  expect(parseEvidenceFile(utf8(text))).toEqual({ version: 1, context, evidence });
});

test("what is written is read back, whatever the kind", () => {
  fc.assert(
    fc.property(anyContext, anyEvidence, (someContext, evidence) => {
      const file: EvidenceFile = { version: 1, context: someContext, evidence };
      expect(parseEvidenceFile(encodeEvidenceFile(file))).toEqual(file);
    }),
  );
});

describe.each(files)("%s", (_, file) => {
  const bytes = encodeEvidenceFile(file);
  const text: Json = JSON.parse(fromUtf8(bytes));

  test("convicts the liar, and nobody under another roster or when the liar is not in it", () => {
    expect(outcomeOf(bytes)).toBe("convicts zurich");
    const others = { ...roster, clients: roster.clients.filter(({ id }) => id !== "zurich") };
    expect(checkEvidenceFile(file, { roster: others })).toMatchObject({ refusal: { code: "not-enrolled" } });
    const later = { ...roster, digest: parseDigest("cd".repeat(32)) };
    expect(checkEvidenceFile(file, { roster: later })).toMatchObject({ refusal: { code: "roster-mismatch" } });
  });

  test("convicts nobody when any one value in it is another, or any list is shorter or longer", () => {
    const doctored = doctorings(text);
    expect(doctored.length).toBeGreaterThan(20);
    for (const changed of doctored)
      expect([changed, outcomeOf(canonicalJson(changed))]).not.toEqual([changed, expect.stringMatching("convicts")]);
  });

  test("takes a small part of the longest file", () => {
    expect(bytes.length).toBeLessThan(evidenceFileSizeBytesMax / 50);
  });
});

test("three clients are enough for a lie to convict", () => {
  const three = { context, clients: clients.slice(1) };
  for (const lie of names.filter((name) => name !== "another-key")) {
    expect(checkEvidenceFile({ version: 1, context, evidence: evidenceOf[lie](three) }, { roster })).toEqual({
      kind: "ok",
      value: "zurich",
    });
  }
});

test("evidence convicts in its own session alone, and in the federation of the roster alone", () => {
  const file = fileOf("false-share");
  const outcome = (change: Partial<SessionContext>) => checkEvidenceFile({ ...file, context: { ...context, ...change } }, { roster });
  expect(outcome({})).toEqual({ kind: "ok", value: "zurich" });
  for (const change of [{ round: parseRoundNumber(8) }, { session: parseSessionNumber(1) }, { modelDigest: context.planDigest }]) {
    expect(outcome(change)).toMatchObject({ refusal: { code: "context-mismatch" } });
  }
  expect(outcome({ federation: parseFederationId("jura") })).toMatchObject({ refusal: { code: "roster-mismatch" } });
});

test("what nobody signed is a bad signature, and statements that agree prove nothing", () => {
  const { evidence } = fileOf("two-adverts");
  if (evidence.kind !== "equivocation") throw new TypeError("two adverts are an equivocation");
  const forged = { ...evidence, second: { ...evidence.second, signature: new Uint8Array(64) } };
  expect(outcomeOf(encodeEvidenceFile({ version: 1, context, evidence: forged }))).toBe("bad-signature");
  expect(outcomeOf(encodeEvidenceFile({ version: 1, context, evidence: { ...evidence, second: evidence.first } }))).toBe("not-proven");
});

test("a file is read only as the one text of what it says, and only up to the maximum", () => {
  const bytes = encodeEvidenceFile(fileOf("two-adverts"));
  const text = fromUtf8(bytes);
  const { signature } = JSON.parse(text).evidence.first;
  const others = [
    `${text}\n`,
    text.replace(":", ": "),
    text.replace('"version":1', '"note":"","version":1'),
    text.replace(signature, signature.toUpperCase()),
  ];
  for (const other of others) expect(() => parseEvidenceFile(utf8(other))).toThrow(/^evidence (of|has)/);
  expect(() => parseEvidenceFile(new Uint8Array(evidenceFileSizeBytesMax + 1))).toThrow("evidence of 1048577 bytes is over 1048576");
  expect(() => parseEvidenceFile(utf8("[]"))).toThrow("evidence has 1 mistake");
  expect(() => parseEvidenceFile(utf8("evidence"))).toThrow("is not JSON");
});

test.each<[string, (evidence: Json) => Json]>([
  ["evidence.contextDigest", (evidence) => change(evidence, ["contextDigest"], "00".repeat(31))],
  ["evidence.bundle.dealer", (evidence) => change(evidence, ["bundle", "dealer"], cohortSizeMax)],
  ["evidence.bundle.threshold", (evidence) => change(evidence, ["bundle", "threshold"], 0)],
  ["evidence.dealt.leaf", (evidence) => change(evidence, ["dealt", "leaf"], "00".repeat(65))],
  ["evidence.dealt.path", (evidence) => change(evidence, ["dealt", "path"], Array(15).fill("00".repeat(32)))],
  ["evidence.held.leafCount", (evidence) => change(evidence, ["held", "leafCount"], cohortSizeMax + 2)],
  ["evidence.header.complaints", (evidence) => change(evidence, ["header", "complaints"], Array(cohortSizeMax + 1).fill(0))],
  ["evidence.reveal.revealed.share", (evidence) => change(evidence, ["reveal", "revealed", "share"], "zz".repeat(32))],
  ["evidence.accused", (evidence) => change(evidence, ["accused"], "Zürich")],
])("%s has its length or its maximum", (place, doctor) => {
  const { evidence, ...rest } = JSON.parse(fromUtf8(encodeEvidenceFile(fileOf("false-share"))));
  expect(() => parseEvidenceFile(canonicalJson({ ...rest, evidence: doctor(evidence) }))).toThrow(`evidence has 1 mistake\n  ${place}`);
});

test("a list of fields has its maximum, and each of them", () => {
  const { evidence, ...rest } = JSON.parse(fromUtf8(encodeEvidenceFile(fileOf("two-adverts"))));
  for (const fields of [[], Array(7).fill("00"), ["00".repeat(4 * cohortSizeMax + 1)], ["0"]]) {
    const changed = { ...rest, evidence: change(evidence, ["first", "fields"], fields) };
    expect(() => parseEvidenceFile(canonicalJson(changed))).toThrow("evidence.first.fields");
  }
});

type Place = readonly (string | number)[];

/** The text with one value another, for each of its values, and with one list shorter or longer, for each of its lists. */
function doctorings(text: Json): readonly Json[] {
  return placesIn(text).flatMap((place) => othersOf(at(text, place), place).map((other) => change(text, place, other)));
}

function placesIn(value: Json, place: Place = []): readonly Place[] {
  if (Array.isArray(value)) return [place, ...value.flatMap((member, i) => placesIn(member, [...place, i]))];
  if (typeof value !== "object" || value === null) return [place];
  return Object.entries(value).flatMap(([key, member]) => placesIn(member, [...place, key]));
}

function othersOf(value: Json, place: Place): readonly Json[] {
  if (Array.isArray(value)) return value.length === 0 ? [[0]] : [value.slice(1), [...value, value[0]!]];
  // How wide a tree is said to be counts only by the way up: a width with the same way says the same. This one has a longer way.
  if (typeof value === "number") return [place.at(-1) === "leafCount" ? cohortSizeMax + 1 : value + 1];
  const words: Readonly<Record<string, string>> = {
    self: "mask",
    mask: "self",
    zurich: "bern",
    basel: "bern",
    adv: "con",
    shr: "adv",
    msk: "shr",
    rev: "con",
  };
  const text = String(value);
  return [words[text] ?? (/^[0-9a-f]{8,}$/.test(text) ? flipped(text) : `${text}x`)];
}

function flipped(hex: string): string {
  return `${(Number.parseInt(hex.slice(0, 1), 16) ^ 1).toString(16)}${hex.slice(1)}`;
}

function at(value: Json, place: Place): Json {
  return place.reduce<Json>((inner, key) => (inner as Record<string | number, Json>)[key]!, value);
}

function change(value: Json, [key, ...rest]: Place, other: Json): Json {
  if (key === undefined) return other;
  const inner = change((value as Record<string | number, Json>)[key]!, rest, other);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as Record<string, Json>), [key]: inner };
}

const sized = (sizeBytes: number): Arbitrary<Uint8Array> => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
const hash = sized(32);
const signature = sized(64);
const digest = hash.map(digestFromBytes);
const index = fc.nat(cohortSizeMax - 1);
const client = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?$/).map(parseClientId);
const kind = fc.constantFrom("self" as const, "mask" as const);
const is = <Kind extends string>(name: Kind): Arbitrary<Kind> => fc.constant(name);

const accusation = { contextDigest: hash, accused: client };
const spot = {
  position: fc.nat(cohortSizeMax),
  leafCount: fc.integer({ min: 1, max: cohortSizeMax + 1 }),
  path: fc.array(hash, { maxLength: 14 }),
};
const provenLeaf = { ...spot, leaf: sized(64), envelope: fc.oneof(sized(0), sized(80)) };
const signedFields = fc.record({ fields: fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 6 }), signature });
const bundle = fc.record({
  cohortDigest: hash,
  dealer: index,
  threshold: fc.integer({ min: 1, max: cohortSizeMax }),
  holdersDigest: hash,
  selfSeedDigest: hash,
  root: hash,
  signature,
});
const header = fc.record({
  contributionDigest: digest,
  complaints: fc.array(index, { maxLength: 5 }),
  heldRoot: hash,
  dealersDigest: hash,
  signature,
});
const reveal = fc.record({ ...spot, survivorsDigest: hash, signature, revealed: fc.record({ owner: index, kind, share: hash }) });

const anyEvidence: Arbitrary<Evidence> = fc.oneof(
  fc.record({
    kind: is("equivocation"),
    ...accusation,
    label: fc.constantFrom("adv" as const, "shr" as const, "msk" as const, "con" as const, "rev" as const),
    first: signedFields,
    second: signedFields,
  }),
  fc.record({ kind: is("false-seed"), ...accusation, bundle, reveal }),
  fc.record({
    kind: is("false-share"),
    ...accusation,
    dealer: client,
    bundle,
    dealt: fc.record(provenLeaf),
    holder: index,
    header,
    held: fc.record(spot),
    reveal,
  }),
  fc.record({
    kind: is("inconsistent-shares"),
    ...accusation,
    bundle,
    advert: fc.record({ client, maskKey: hash, envelopeKey: hash, signature }),
    secret: kind,
    shares: fc.array(fc.record({ ...provenLeaf, holder: index, share: hash }), { minLength: 1, maxLength: 4 }),
  }),
);

const anyContext: Arbitrary<SessionContext> = fc.record({
  federation: client.map(parseFederationId),
  rosterDigest: digest,
  planDigest: digest,
  modelDigest: digest,
  round: fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(parseRoundNumber),
  session: fc.nat(2 ** 31 - 1).map(parseSessionNumber),
});
