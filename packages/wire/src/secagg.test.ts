import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { NextResponseSchema, SubmitRequestSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import { instructionCodec } from "./instruction.ts";
import { limits } from "./limits.ts";
import { submissionCodec } from "./submission.ts";

type Kind = NonNullable<NonNullable<MessageInitShape<typeof SubmitRequestSchema>["submission"]>["kind"]>;

const position = { task: "hearts", round: 1, session: 0 };

/** What a submission of foreign make comes to. */
function refusalOf(kind: Kind, at = position): string {
  const bytes = toBinary(SubmitRequestSchema, create(SubmitRequestSchema, { submission: { position: at, kind } }));
  const outcome = submissionCodec.decode(bytes);
  return outcome.kind === "ok" ? "ok" : `${outcome.refusal.code}: ${outcome.refusal.message}`;
}

const size = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes);
const advert = { client: "ward-7", maskKey: size(32), envelopeKey: size(32), signature: size(64) };
const shares = {
  holders: [0, 2],
  selfSeedDigest: size(32),
  packedLeaves: size(128),
  packedEnvelopes: size(160),
  signature: size(64),
};
const reveal = { selfOwners: [1], packedSelfShares: size(32), maskOwners: [0, 2], packedMaskShares: size(64), signature: size(64) };

test("what keeps the rules passes", () => {
  expect(refusalOf({ case: "advert", value: advert })).toBe("ok");
  expect(refusalOf({ case: "shares", value: shares })).toBe("ok");
  expect(refusalOf({ case: "shares", value: { ...shares, packedEnvelopes: size(80) } })).toBe("ok");
  expect(refusalOf({ case: "reveal", value: reveal })).toBe("ok");
});

const wrong: readonly (readonly [string, Kind])[] = [
  ["malformed: submission: mask key of 31 bytes must be 32", { case: "advert", value: { ...advert, maskKey: size(31) } }],
  ["malformed: submission: envelope key of 33 bytes must be 32", { case: "advert", value: { ...advert, envelopeKey: size(33) } }],
  ["malformed: submission: signature of 0 bytes must be 64", { case: "advert", value: { ...advert, signature: size(0) } }],
  ["malformed: submission: client id", { case: "advert", value: { ...advert, client: "Ward 7" } }],
  ["malformed: submission: holders must ascend", { case: "shares", value: { ...shares, holders: [2, 0] } }],
  ["malformed: submission: cohort index 10000 must be below 10000", { case: "shares", value: { ...shares, holders: [0, 10_000] } }],
  ["malformed: submission: 1 leaves and 2 envelopes", { case: "shares", value: { ...shares, packedLeaves: size(64) } }],
  ["malformed: submission: 2 leaves and 3 envelopes", { case: "shares", value: { ...shares, packedEnvelopes: size(240) } }],
  ["malformed: submission: leaves of 96 bytes must be of 64 bytes each", { case: "shares", value: { ...shares, packedLeaves: size(96) } }],
  ["malformed: submission: envelopes of 161 bytes must be of 80", { case: "shares", value: { ...shares, packedEnvelopes: size(161) } }],
  ["malformed: submission: self seed digest of 31", { case: "shares", value: { ...shares, selfSeedDigest: size(31) } }],
  ["malformed: submission: signature of 65 bytes", { case: "attestation", value: { signature: size(65) } }],
  ["malformed: submission: self shares of 16 bytes must be of 32", { case: "reveal", value: { ...reveal, packedSelfShares: size(16) } }],
  ["malformed: submission: 1 mask shares must be one for each of 2", { case: "reveal", value: { ...reveal, packedMaskShares: size(32) } }],
  ["malformed: submission: mask owners must ascend", { case: "reveal", value: { ...reveal, maskOwners: [2, 0] } }],
  ["malformed: submission: signature of 63 bytes must be 64", { case: "reveal", value: { ...reveal, signature: size(63) } }],
  ["too-large: submission: 1025 self shares are over 1024", { case: "reveal", value: { ...reveal, packedSelfShares: size(1025 * 32) } }],
  ["too-large: submission: 257 characters of reason are over 256", { case: "withdrawal", value: { reason: "r".repeat(257) } }],
  ["too-large: submission: 258 bytes of reason are over 256", { case: "withdrawal", value: { reason: "é".repeat(129) } }],
  ["malformed: submission: kind of submission is missing", { case: undefined }],
];

test.each(wrong)("%s", (refusal, kind) => {
  expect(refusalOf(kind)).toContain(refusal);
});

test("more holders than the maximum are too many", () => {
  const count = limits.holdersMax + 1;
  const holders = Array.from({ length: count }, (_, i) => i);
  const many = { ...shares, holders, packedLeaves: size(64 * count), packedEnvelopes: size(80 * count) };
  expect(refusalOf({ case: "shares", value: many })).toContain(`too-large: submission: ${count} holders are over ${limits.holdersMax}`);
});

const dealt = { dealer: 1, coordinate: 1, leaf: size(64), envelope: size(80) };
const header = { contributionDigest: size(32), complaints: [1, 4], heldRoot: size(32), signature: size(64) };

/** What an instruction of foreign make comes to. */
function refusalOfInstruction(kind: NonNullable<NonNullable<MessageInitShape<typeof NextResponseSchema>["instruction"]>["kind"]>): string {
  const outcome = instructionCodec.decode(toBinary(NextResponseSchema, create(NextResponseSchema, { instruction: { kind } })));
  return outcome.kind === "ok" ? "ok" : `${outcome.refusal.code}: ${outcome.refusal.message}`;
}

const refusalOfDealt = (change: Partial<typeof dealt>): string =>
  refusalOfInstruction({ case: "mask", value: { position, dealers: Uint8Array.of(1, 1), dealt: [{ ...dealt, ...change }] } });
const refusalOfHeader = (change: Partial<typeof header>): string =>
  refusalOfInstruction({ case: "reveal", value: { position, headers: [{ index: 3, header: { ...header, ...change } }] } });

test("a dealt share has a holder's coordinate, a leaf, and an envelope or none", () => {
  expect(refusalOfDealt({})).toBe("ok");
  expect(refusalOfDealt({ coordinate: limits.holdersMax })).toBe("ok");
  expect(refusalOfDealt({ envelope: size(0) })).toBe("ok");
  expect(refusalOfDealt({ coordinate: 0 })).toBe("malformed: instruction: coordinate 0 must be from 1 to 1024");
  expect(refusalOfDealt({ coordinate: 1025 })).toContain("malformed: instruction: coordinate 1025");
  expect(refusalOfDealt({ dealer: limits.cohortSizeMax })).toContain("malformed: instruction: cohort index 10000");
  expect(refusalOfDealt({ leaf: size(32) })).toContain("malformed: instruction: leaf of 32");
  expect(refusalOfDealt({ envelope: size(79) })).toContain("malformed: instruction: envelope of 79");
});

test("a neighbour's header has a root of what it holds, and complaints in order", () => {
  expect(refusalOfHeader({})).toBe("ok");
  expect(refusalOfHeader({ heldRoot: size(0) })).toBe("malformed: instruction: held root of 0 bytes must be 32");
  expect(refusalOfHeader({ complaints: [4, 1] })).toContain("malformed: instruction: complaints must ascend");
  expect(refusalOfHeader({ contributionDigest: size(31) })).toContain("malformed: instruction: a digest of 31");
});

test.each([
  [{ task: "Hearts!", round: 1, session: 0 }, "task id"],
  [{ task: "hearts", round: 0, session: 0 }, "round 0 must be"],
  [{ task: "hearts", round: 2 ** 31, session: 0 }, "round 2147483648 must be"],
  [{ task: "hearts", round: 1, session: 2 ** 32 - 1 }, "session 4294967295 must be"],
])("a position that is none is malformed: %o", (at, why) => {
  expect(refusalOf({ case: "ready", value: {} }, at)).toContain(`malformed: submission: ${why}`);
});
