import { membersOf, parseClientId, parseDigest, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Instruction, Position, RoundReport, Submission, TaskEvent, TaskSummary } from "@sotto/protocol";
import { cohortSizeMax, type MaskedHeader } from "@sotto/secagg";
import { expect, test } from "vitest";
import { instructionCodec } from "./instruction.ts";
import { limits } from "./limits.ts";
import { submissionCodec } from "./submission.ts";
import { taskPageCodec, watchCodec } from "./task.ts";
import { taskUploadCodec } from "./task-upload.ts";
import { uploadCodec } from "./upload.ts";

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

const header: MaskedHeader = { contributionDigest: digest, complaints: holders, heldRoot: size(32), signature: size(64) };

test("every cohort that the aggregation protocol allows can be told", () => {
  expect(limits.cohortSizeMax).toBe(cohortSizeMax);
});

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
        coordinate: limits.holdersMax,
        leaf: size(64),
        envelope: size(80),
      })),
    },
  },
  { kind: "attest", position, request: { survivors: everybody } },
  {
    kind: "reveal",
    position,
    request: {
      signatures: times(limits.cohortSizeMax, () => ({ index: top, signature: size(64) })),
      headers: times(limits.holdersMax, () => ({ index: top, header })),
    },
  },
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
  {
    kind: "reveal",
    position,
    reveal: {
      shares: times(limits.holdersMax, (i) => ({ owner: top - limits.holdersMax + i, kind: "mask", share: size(32) })),
      signature: size(64),
    },
  },
  { kind: "withdrawal", position, reason: "r".repeat(limits.reasonSizeBytesMax) },
];

test.each(largestSubmissions.map((submission) => [submission.kind, submission] as const))(
  "the largest %s fits a submission",
  (_, submission) => {
    expect(submissionCodec.decode(submissionCodec.encode(submission)).kind).toBe("ok");
  },
);

test("the largest declaration fits a part of an upload, the largest specification a part of a task", () => {
  const declaration = { position, header, sizeBytes: limits.contributionSizeBytesMax };
  expect(uploadCodec.decode(uploadCodec.encode({ kind: "declaration", declaration })).kind).toBe("ok");
  expect(taskUploadCodec.decode(taskUploadCodec.encode({ kind: "spec", spec: size(limits.planSizeBytesMax) })).kind).toBe("ok");
});

const name = "c".repeat(limits.idSizeBytesMax);
const summary: TaskSummary = {
  task: position.task,
  name: "n".repeat(limits.nameSizeBytesMax),
  status: { kind: "failed", reason: "r".repeat(limits.reasonSizeBytesMax) },
  roundsCommitted: 2 ** 31 - 1,
  rounds: 2 ** 31 - 1,
};
const report: RoundReport = {
  purpose: "evaluate",
  asked: times(limits.cohortSizeMax, () => name),
  survivors: [name],
  dropped: times(limits.cohortSizeMax - 1, () => ({
    client: name,
    phase: "p".repeat(limits.phaseSizeBytesMax),
    reason: "r".repeat(limits.dropReasonSizeBytesMax),
  })),
  metrics: { rows: 1e300, loss: 1e300, accuracy: 1e300, auc: 1e300 },
  weight: 1e300,
  modelDigest: digest,
  durationMs: 1e300,
  overheadMs: 1e300,
  bytesUpPerClient: 1e300,
};
const largestEvents: readonly TaskEvent[] = [
  { kind: "committed", round: 2 ** 31 - 1, record: report },
  { kind: "abandoned", round: 2 ** 31 - 1, reason: "r".repeat(limits.reasonSizeBytesMax), missing: report.asked },
];

test.each(largestEvents.map((event) => [event.kind, event] as const))("the largest %s record fits a page", (_, event) => {
  const watch = { summary, records: [{ record: Number.MAX_SAFE_INTEGER, atMs: Number.MAX_SAFE_INTEGER, event }] };
  expect(watchCodec.decode(watchCodec.encode(watch))).toEqual({ kind: "ok", value: watch });
});

test("the largest page of tasks fits a message", () => {
  const page = { tasks: times(limits.tasksPerPageMax, () => summary), more: true };
  expect(taskPageCodec.decode(taskPageCodec.encode(page)).kind).toBe("ok");
});

test("a message over the maximum is not encoded", () => {
  const adverts = times(2 * limits.cohortSizeMax, () => ({
    client: parseClientId("c".repeat(63)),
    maskKey: size(64),
    envelopeKey: size(64),
    signature: size(128),
  }));
  expect(() => instructionCodec.encode({ kind: "share-keys", position, adverts })).toThrow("is over 4194304");
});
