import {
  type Digest,
  digestFromBytes,
  type Members,
  membersOf,
  parseClientId,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  parseTaskId,
} from "@sotto/base";
import type {
  Answer,
  Instruction,
  InstructionKind,
  Position,
  RefusalCode,
  Submission,
  TaskEvent,
  TaskRecord,
  TaskStatus,
} from "@sotto/protocol";
import type { Advert, DealtShare, MaskedHeader, RevealedShare, SessionContext, ShareBundle } from "@sotto/secagg";
import fc, { type Arbitrary } from "fast-check";
import { cutText } from "../fields.ts";
import type { AdminMethods, CoordinatorMethods, Method, MethodKind } from "../methods.ts";

// Values of every type that travels, for the property tests of this package: within the limits, small cohorts.

/** What one call carries each way. */
export type CallArbitraries<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends Method<MethodKind, infer Request, infer Response>
    ? { readonly request: Arbitrary<Request>; readonly response: Arbitrary<Response> }
    : never;
};

const sized = (sizeBytes: number): Arbitrary<Uint8Array> => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
const some = fc.uint8Array({ minLength: 1, maxLength: 300 });
const digest: Arbitrary<Digest> = sized(32).map(digestFromBytes);
const idText = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?$/);
const task = idText.map(parseTaskId);
const round = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(parseRoundNumber);
const session = fc.integer({ min: 0, max: 2 ** 31 - 1 }).map(parseSessionNumber);
const number = fc.nat(2 ** 31 - 1);
const sizeBytes = fc.integer({ min: 1, max: 2 ** 32 });
const index = fc.nat(9_999);
const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((value) => cutText(value, 60));
const retryAfterMs = fc.nat(86_400_000);
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // -0 becomes 0

const members: Arbitrary<Members> = fc
  .integer({ min: 1, max: 40 })
  .chain((cohortSize) => fc.uniqueArray(fc.nat(cohortSize - 1)).map((indices) => membersOf(cohortSize, indices)));

const indices = fc.uniqueArray(index, { maxLength: 12 }).map((values) => values.sort((a, b) => a - b));

const position: Arbitrary<Position> = fc.record({ task, round, session });

const context: Arbitrary<SessionContext> = fc.record({
  federation: idText.map(parseFederationId),
  rosterDigest: digest,
  planDigest: digest,
  modelDigest: digest,
  round,
  session,
});

const advert: Arbitrary<Advert> = fc.record({
  client: idText.map(parseClientId),
  maskKey: sized(32),
  envelopeKey: sized(32),
  signature: sized(64),
});

const bundle: Arbitrary<ShareBundle> = indices.chain((holders) => {
  const each = { minLength: holders.length, maxLength: holders.length };
  const some = { maxLength: holders.length };
  return fc.record({
    holders: fc.constant(holders),
    selfSeedDigest: sized(32),
    leaves: fc.array(sized(64), each),
    envelopes: fc.array(sized(80), some),
    signature: sized(64),
  });
});

const dealt: Arbitrary<DealtShare> = fc.record({
  dealer: index,
  coordinate: fc.integer({ min: 1, max: 1024 }),
  leaf: sized(64),
  envelope: fc.oneof(sized(0), sized(80)),
});

const header: Arbitrary<MaskedHeader> = fc.record({
  contributionDigest: digest,
  complaints: indices,
  heldRoot: sized(32),
  signature: sized(64),
});

const shares: Arbitrary<readonly RevealedShare[]> = indices.chain((owners) =>
  fc.tuple(
    ...owners.map((owner) =>
      fc.record({ owner: fc.constant(owner), kind: fc.constantFrom<RevealedShare["kind"][]>("self", "mask"), share: sized(32) }),
    ),
  ),
);

const few = { maxLength: 5 };
const kind = <Kind extends string>(name: Kind): Arbitrary<Kind> => fc.constant(name);

const instruction: Arbitrary<Instruction> = fc.oneof(
  fc.record({ kind: kind("unchanged") }),
  fc.record({ kind: kind("stand-down"), position, reason: text, retryAfterMs }),
  fc.record({ kind: kind("idle"), retryAfterMs }),
  fc.record({ kind: kind("train"), position, plan: some, modelDigest: digest, modelSizeBytes: sizeBytes, rosterDigest: digest }),
  fc.record({ kind: kind("advertise"), position, context }),
  fc.record({ kind: kind("share-keys"), position, adverts: fc.array(advert, few) }),
  fc.record({ kind: kind("mask"), position, request: fc.record({ dealers: members, dealt: fc.array(dealt, few) }) }),
  fc.record({ kind: kind("attest"), position, request: fc.record({ survivors: members }) }),
  fc.record({
    kind: kind("reveal"),
    position,
    request: fc.record({
      signatures: fc.array(fc.record({ index, signature: sized(64) }), few),
      headers: fc.array(fc.record({ index, header }), few),
    }),
  }),
);

const submission: Arbitrary<Submission> = fc.oneof(
  fc.record({ kind: kind("ready"), position }),
  fc.record({ kind: kind("advert"), position, advert }),
  fc.record({ kind: kind("shares"), position, bundle }),
  fc.record({ kind: kind("attestation"), position, signature: sized(64) }),
  fc.record({ kind: kind("reveal"), position, reveal: fc.record({ shares: shares, signature: sized(64) }) }),
  fc.record({ kind: kind("withdrawal"), position, reason: text }),
);

const code = fc.constantFrom<RefusalCode[]>("malformed", "too-large", "policy", "no-upload-slot", "bad-signature", "held-mismatch");

const answer: Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: kind("accepted") }),
  fc.record({ kind: kind("duplicate") }),
  fc.record({ kind: kind("stale"), round: number }),
  fc.record({ kind: kind("not-now"), retryAfterMs }),
  fc.record({ kind: kind("refused"), code, message: text }),
);

const cursorKind = fc.constantFrom<InstructionKind[]>("train", "advertise", "share-keys", "mask", "attest", "reveal", "stand-down");

const chunk = fc.oneof(
  fc.record({ kind: kind("chunk"), data: some, last: fc.boolean() }),
  fc.record({ kind: kind("chunk"), data: sized(0), last: fc.constant(true) }),
);
const blob = fc.record({ digest, sizeBytes: fc.nat(2 ** 24) });
const blobPart = fc.oneof(fc.record({ kind: kind("summary"), summary: blob }), chunk);

const status: Arbitrary<TaskStatus> = fc.oneof(
  fc.record({ kind: fc.constantFrom("submitted" as const, "running" as const, "finished" as const, "stopped" as const) }),
  fc.record({ kind: kind("failed"), reason: text }),
);

const summary = fc.record({ task, name: text, status, roundsCommitted: number, rounds: number });

const names = fc.array(idText, few);

const report = fc.record({
  purpose: fc.constantFrom("train" as const, "evaluate" as const),
  asked: names,
  survivors: names,
  dropped: fc.array(fc.record({ client: idText, phase: idText, reason: text }), few),
  metrics: fc.option(fc.record({ rows: number, loss: real, accuracy: fc.option(real), auc: fc.option(real) })),
  weight: real,
  modelDigest: digest,
  durationMs: real,
  overheadMs: real,
  bytesUpPerClient: real,
});

const event: Arbitrary<TaskEvent> = fc.oneof(
  fc.record({ kind: kind("phase"), round: number, phase: idText, cohortSize: number, arrived: number }),
  fc.record({ kind: kind("committed"), round: number, record: report }),
  fc.record({ kind: kind("abandoned"), round: number, reason: text, missing: names }),
  fc.record({ kind: kind("status"), status }),
);

/** A record of a task. */
export const taskRecord: Arbitrary<TaskRecord> = fc.record({ record: fc.maxSafeNat(), atMs: fc.maxSafeNat(), event });

/** What a client and its coordinator say. */
export const coordinatorCalls: CallArbitraries<CoordinatorMethods> = {
  next: { request: fc.option(fc.record({ task, round, session, kind: cursorKind })), response: instruction },
  submit: { request: submission, response: answer },
  uploadContribution: {
    request: fc.oneof(fc.record({ kind: kind("declaration"), declaration: fc.record({ position, header, sizeBytes }) }), chunk),
    response: answer,
  },
  downloadModel: { request: digest, response: blobPart },
  getRoster: { request: digest, response: blobPart },
};

/** What an operator and the coordinator say. */
export const adminCalls: CallArbitraries<AdminMethods> = {
  submitTask: {
    request: fc.oneof(fc.record({ kind: kind("spec"), spec: some }), chunk, fc.record({ kind: kind("summary"), summary: blob })),
    response: task,
  },
  listTasks: { request: fc.nat(65_536), response: fc.record({ tasks: fc.array(summary, few), more: fc.boolean() }) },
  watchTask: {
    request: fc.record({ task, afterRecord: fc.maxSafeNat() }),
    response: fc.record({ summary, records: fc.array(taskRecord, few) }),
  },
  stopTask: { request: task, response: fc.constant(null) },
  getModel: {
    request: task,
    response: fc.oneof(fc.record({ kind: kind("header"), header: fc.record({ plan: some, round: number, blob }) }), chunk),
  },
};
