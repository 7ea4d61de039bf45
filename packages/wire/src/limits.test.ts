import { membersOf, parseClientId, parseDigest, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Instruction, Position, Submission } from "@sotto/protocol";
import { expect, test } from "vitest";
import { instructionCodec } from "./instruction.ts";
import { limits } from "./limits.ts";
import { submissionCodec } from "./submission.ts";

const position: Position = {
  task: parseTaskId("t".repeat(63)),
  round: parseRoundNumber(2 ** 31 - 1),
  session: parseSessionNumber(2 ** 31 - 1),
};
const digest = parseDigest("ab".repeat(32));
const size = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(255);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

// The highest indices, which take the most bytes.
const holders = times(limits.holdersMax, (i) => limits.cohortSizeMax - limits.holdersMax + i);
const top = limits.cohortSizeMax - 1;
const everybody = membersOf(
  limits.cohortSizeMax,
  times(limits.cohortSizeMax, (i) => i),
);

const largest: readonly Instruction[] = [
  {
    kind: "train",
    position,
    plan: size(limits.planSizeBytesMax),
    modelDigest: digest,
    modelSizeBytes: limits.modelSizeBytesMax,
    rosterDigest: digest,
  },
  {
    kind: "share-keys",
    position,
    adverts: times(limits.cohortSizeMax, () => ({
      client: parseClientId("c".repeat(63)),
      maskKey: size(32),
      envelopeKey: size(32),
      signature: size(64),
    })),
  },
  {
    kind: "mask",
    position,
    request: {
      dealers: everybody,
      dealt: times(limits.holdersMax, () => ({
        dealer: top,
        holders,
        selfSeedDigest: size(32),
        path: times(limits.pathMax, () => size(32)),
        leaf: size(64),
        envelope: size(80),
        signature: size(64),
      })),
    },
  },
  {
    kind: "attest",
    position,
    request: {
      survivors: everybody,
      headers: times(limits.holdersMax, () => ({
        index: top,
        header: { contributionDigest: digest, complaints: holders, signature: size(64) },
      })),
    },
  },
  { kind: "reveal", position, signatures: times(limits.cohortSizeMax, () => ({ index: top, signature: size(64) })) },
];

test.each(largest.map((instruction) => [instruction.kind, instruction] as const))("the largest %s fits a message", (_, instruction) => {
  const bytes = instructionCodec.encode(instruction);
  expect(bytes.length).toBeLessThanOrEqual(limits.messageSizeBytesMax);
  expect(instructionCodec.decode(bytes).kind).toBe("ok");
});

const largestSubmissions: readonly Submission[] = [
  {
    kind: "shares",
    position,
    bundle: {
      holders,
      selfSeedDigest: size(32),
      leaves: holders.map(() => size(64)),
      envelopes: holders.map(() => size(80)),
      signature: size(64),
    },
  },
  { kind: "reveal", position, shares: times(limits.cohortSizeMax, () => ({ owner: top, kind: "mask", share: size(32) })) },
];

test.each(largestSubmissions.map((submission) => [submission.kind, submission] as const))(
  "the largest %s fits a submission",
  (_, submission) => {
    expect(submissionCodec.decode(submissionCodec.encode(submission)).kind).toBe("ok");
  },
);

test("a message over the maximum is not encoded", () => {
  const adverts = times(2 * limits.cohortSizeMax, () => ({
    client: parseClientId("c".repeat(63)),
    maskKey: size(64),
    envelopeKey: size(64),
    signature: size(128),
  }));
  expect(() => instructionCodec.encode({ kind: "share-keys", position, adverts })).toThrow("is over 1048576");
});
