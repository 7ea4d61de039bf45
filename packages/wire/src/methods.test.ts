import { FlError } from "@sotto/base";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec } from "./codec.ts";
import { limits } from "./limits.ts";
import { adminMethods, coordinatorMethods } from "./methods.ts";
import { adminCalls, coordinatorCalls } from "./testing/arbitraries.ts";

interface Message<T> {
  readonly name: string;
  readonly codec: Codec<T>;
  readonly values: Arbitrary<T>;
}

const { next, submit, uploadContribution, downloadModel, getRoster } = coordinatorMethods;
const { submitTask, listTasks, watchTask, stopTask, getModel } = adminMethods;

test("each method has the path that its proto names", () => {
  expect([next, submit, uploadContribution, downloadModel, getRoster].map((method) => method.path)).toEqual([
    "/sotto.v1.CoordinatorService/Next",
    "/sotto.v1.CoordinatorService/Submit",
    "/sotto.v1.CoordinatorService/UploadContribution",
    "/sotto.v1.CoordinatorService/DownloadModel",
    "/sotto.v1.CoordinatorService/GetRoster",
  ]);
  expect([submitTask, listTasks, watchTask, stopTask, getModel].map((method) => `${method.path} ${method.kind}`)).toEqual([
    "/sotto.v1.AdminService/SubmitTask client_streaming",
    "/sotto.v1.AdminService/ListTasks unary",
    "/sotto.v1.AdminService/WatchTask unary",
    "/sotto.v1.AdminService/StopTask unary",
    "/sotto.v1.AdminService/GetModel server_streaming",
  ]);
});

suite({ name: "next request", codec: next.request, values: coordinatorCalls.next.request });
suite({ name: "instruction", codec: next.response, values: coordinatorCalls.next.response });
suite({ name: "submission", codec: submit.request, values: coordinatorCalls.submit.request });
suite({ name: "answer", codec: submit.response, values: coordinatorCalls.submit.response });
suite({ name: "part of an upload", codec: uploadContribution.request, values: coordinatorCalls.uploadContribution.request });
suite({ name: "answer to an upload", codec: uploadContribution.response, values: coordinatorCalls.uploadContribution.response });
suite({ name: "model request", codec: downloadModel.request, values: coordinatorCalls.downloadModel.request });
suite({ name: "part of a model", codec: downloadModel.response, values: coordinatorCalls.downloadModel.response });
suite({ name: "roster request", codec: getRoster.request, values: coordinatorCalls.getRoster.request });
suite({ name: "part of a roster", codec: getRoster.response, values: coordinatorCalls.getRoster.response });
suite({ name: "part of a task", codec: submitTask.request, values: adminCalls.submitTask.request });
suite({ name: "new task", codec: submitTask.response, values: adminCalls.submitTask.response });
suite({ name: "request for tasks", codec: listTasks.request, values: adminCalls.listTasks.request });
suite({ name: "page of tasks", codec: listTasks.response, values: adminCalls.listTasks.response });
suite({ name: "watch request", codec: watchTask.request, values: adminCalls.watchTask.request });
suite({ name: "task watch", codec: watchTask.response, values: adminCalls.watchTask.response });
suite({ name: "stop request", codec: stopTask.request, values: adminCalls.stopTask.request });
suite({ name: "stop answer", codec: stopTask.response, values: adminCalls.stopTask.response });
suite({ name: "task's model request", codec: getModel.request, values: adminCalls.getModel.request });
suite({ name: "part of a task's model", codec: getModel.response, values: adminCalls.getModel.response });

function suite<T>({ name, codec, values }: Message<T>): void {
  describe(name, () => {
    test("what is encoded decodes to itself", () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(codec.decode(codec.encode(value))).toEqual({ kind: "ok", value });
        }),
      );
    });

    test("altered, cut or foreign bytes are refused or are another message that keeps every rule", () => {
      const altered = fc.tuple(values, edits).map(([value, steps]) => steps.reduce(edit, codec.encode(value)));
      fc.assert(
        fc.property(fc.oneof({ weight: 4, arbitrary: altered }, fc.uint8Array({ maxLength: 400 })), (bytes) => {
          assertSound(codec, bytes);
        }),
        { numRuns: 400 },
      );
    });

    test("more bytes than the maximum are refused before they are read", () => {
      const outcome = codec.decode(new Uint8Array(limits.messageSizeBytesMax + 1));
      expect(outcome).toMatchObject({ kind: "refused", refusal: { code: "too-large" } });
    });
  });
}

type Edit = { readonly at: number; readonly bytes: Uint8Array; readonly removed: number };

const edits: Arbitrary<Edit[]> = fc.array(fc.record({ at: fc.nat(2000), bytes: fc.uint8Array({ maxLength: 3 }), removed: fc.nat(3) }), {
  minLength: 1,
  maxLength: 4,
});

/** `bytes` with some removed and others put in their place. */
function edit(bytes: Uint8Array, { at, bytes: put, removed }: Edit): Uint8Array {
  const start = bytes.length === 0 ? 0 : at % bytes.length;
  return Uint8Array.from([...bytes.subarray(0, start), ...put, ...bytes.subarray(start + removed)]);
}

function assertSound<T>(codec: Codec<T>, bytes: Uint8Array): void {
  const outcome = codec.decode(bytes);
  if (outcome.kind === "refused") {
    expect(["malformed", "too-large"]).toContain(outcome.refusal.code);
    return;
  }
  assertKeepsRules("value", outcome.value);
  expect(codec.decode(codec.encode(outcome.value))).toEqual(outcome);
}

const sizesBytes: Readonly<Record<string, number>> = {
  maskKey: 32,
  envelopeKey: 32,
  signature: 64,
  selfSeedDigest: 32,
  leaf: 64,
  leaves: 64,
  heldRoot: 32,
  envelopes: 80,
  share: 32,
};

/** The rules of each field, by its name, wherever it stands in a decoded value. */
function assertKeepsRules(name: string, value: unknown): void {
  if (value instanceof Uint8Array) {
    expect(Buffer.isBuffer(value)).toBe(false);
    if (name === "envelope") expect([0, 80]).toContain(value.length);
    if (Object.hasOwn(sizesBytes, name)) expect(value.length).toBe(sizesBytes[name]);
    if (name === "dealers" || name === "survivors") expect(value.every((byte) => byte <= 1)).toBe(true);
  } else if (Array.isArray(value)) {
    if (name === "holders" || name === "complaints") expect(value).toEqual([...new Set(value)].sort((a, b) => a - b));
    for (const item of value) assertKeepsRules(name, item);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) assertKeepsRules(key, member);
  } else if (typeof value === "number") assertNumber(name, value);
  else if (typeof value === "string") assertText(name, value);
}

function assertNumber(name: string, value: number): void {
  expect(Number.isFinite(value)).toBe(true);
  if (["index", "owner", "dealer", "holders", "complaints"].includes(name)) expect(value).toBeLessThan(limits.cohortSizeMax);
  if (name === "coordinate") expect([value >= 1, value <= limits.holdersMax]).toEqual([true, true]);
  if (name === "sizeBytes") expect(value).toBeLessThanOrEqual(limits.modelSizeBytesMax);
  if (name === "retryAfterMs") expect(value).toBeLessThanOrEqual(limits.retryAfterMsMax);
}

function assertText(name: string, value: string): void {
  expect(value.length).toBeLessThanOrEqual(limits.refusalMessageSizeBytesMax);
  if (/digest/i.test(name)) expect(value).toMatch(/^[0-9a-f]{64}$/);
  if (name === "task" || name === "federation") expect(value).toMatch(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/);
}

test("what a client or an operator sends is refused above the maximum of the coordinator", () => {
  const requests = [...Object.values(coordinatorMethods), ...Object.values(adminMethods)].map((method) => method.request);
  for (const request of requests) {
    const outcome = request.decode(new Uint8Array(limits.toCoordinatorSizeBytesMax + 1));
    expect(outcome).toMatchObject({ kind: "refused", refusal: { code: "too-large" } });
  }
});

test("a number that no message can hold is not encoded", () => {
  expect(() => listTasks.request.encode(-1)).toThrow(FlError);
  expect(() => listTasks.request.encode(0.5)).toThrow(FlError);
});
