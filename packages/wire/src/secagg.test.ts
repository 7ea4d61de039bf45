import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { SubmitRequestSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import { SecretKind } from "./gen/sotto/v1/secagg_pb.ts";
import { limits } from "./limits.ts";
import { submissionCodec } from "./submission.ts";

type Kind = NonNullable<NonNullable<MessageInitShape<typeof SubmitRequestSchema>["submission"]>["kind"]>;

/** What a submission of foreign make comes to. */
function refusalOf(kind: Kind, position = { task: "hearts", round: 1, session: 0 }): string {
  const bytes = toBinary(SubmitRequestSchema, create(SubmitRequestSchema, { submission: { position, kind } }));
  const outcome = submissionCodec.decode(bytes);
  return outcome.kind === "ok" ? "ok" : `${outcome.refusal.code}: ${outcome.refusal.message}`;
}

const size = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes);
const advert = { client: "ward-7", maskKey: size(32), envelopeKey: size(32), signature: size(64) };
const shares = {
  holders: [0, 2],
  selfSeedDigest: size(32),
  leaves: [size(64), size(64)],
  envelopes: [size(80), size(80)],
  signature: size(64),
};
const share = { owner: 1, kind: SecretKind.SELF, share: size(32) };

test("what keeps the rules passes", () => {
  expect(refusalOf({ case: "advert", value: advert })).toBe("ok");
  expect(refusalOf({ case: "shares", value: shares })).toBe("ok");
  expect(refusalOf({ case: "reveal", value: { shares: [share] } })).toBe("ok");
});

const wrong: readonly (readonly [string, Kind])[] = [
  ["malformed: submission: mask key of 31 bytes must be 32", { case: "advert", value: { ...advert, maskKey: size(31) } }],
  ["malformed: submission: envelope key of 33 bytes must be 32", { case: "advert", value: { ...advert, envelopeKey: size(33) } }],
  ["malformed: submission: signature of 0 bytes must be 64", { case: "advert", value: { ...advert, signature: size(0) } }],
  ["malformed: submission: client id", { case: "advert", value: { ...advert, client: "Ward 7" } }],
  ["malformed: submission: holders must ascend", { case: "shares", value: { ...shares, holders: [2, 0] } }],
  ["malformed: submission: cohort index 2048 must be below 2048", { case: "shares", value: { ...shares, holders: [0, 2048] } }],
  ["malformed: submission: 1 leaves and 2 envelopes", { case: "shares", value: { ...shares, leaves: [size(64)] } }],
  ["malformed: submission: leaf of 32 bytes must be 64", { case: "shares", value: { ...shares, leaves: [size(64), size(32)] } }],
  ["malformed: submission: envelope of 81 bytes must be 80", { case: "shares", value: { ...shares, envelopes: [size(80), size(81)] } }],
  ["malformed: submission: self seed digest of 31", { case: "shares", value: { ...shares, selfSeedDigest: size(31) } }],
  ["malformed: submission: signature of 65 bytes", { case: "attestation", value: { signature: size(65) } }],
  ["malformed: submission: share of 16 bytes must be 32", { case: "reveal", value: { shares: [{ ...share, share: size(16) }] } }],
  ["malformed: submission: secret kind 0 is unknown", { case: "reveal", value: { shares: [{ ...share, kind: SecretKind.UNSPECIFIED }] } }],
  ["too-large: submission: 2049 revealed shares are over 2048", { case: "reveal", value: { shares: Array(2049).fill(share) } }],
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
  const many = { ...shares, holders, leaves: Array(count).fill(size(64)), envelopes: Array(count).fill(size(80)) };
  expect(refusalOf({ case: "shares", value: many })).toContain(`too-large: submission: ${count} holders are over ${limits.holdersMax}`);
});

test.each([
  [{ task: "Hearts!", round: 1, session: 0 }, "task id"],
  [{ task: "hearts", round: 0, session: 0 }, "round 0 must be"],
  [{ task: "hearts", round: 2 ** 31, session: 0 }, "round 2147483648 must be"],
  [{ task: "hearts", round: 1, session: 2 ** 32 - 1 }, "session 4294967295 must be"],
])("a position that is none is malformed: %o", (position, why) => {
  expect(refusalOf({ case: "ready", value: {} }, position)).toContain(`malformed: submission: ${why}`);
});
