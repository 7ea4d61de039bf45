import { create, toBinary } from "@bufbuild/protobuf";
import { FlError, toHex } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeChunk } from "./chunk.ts";
import { GetModelResponseSchema, SubmitTaskRequestSchema } from "./gen/sotto/v1/admin_service_pb.ts";
import {
  DownloadModelResponseSchema,
  GetRosterResponseSchema,
  UploadContributionRequestSchema,
} from "./gen/sotto/v1/coordinator_service_pb.ts";
import { limits } from "./limits.ts";
import { coordinatorMethods } from "./methods.ts";

const streams = [
  UploadContributionRequestSchema,
  DownloadModelResponseSchema,
  GetRosterResponseSchema,
  SubmitTaskRequestSchema,
  GetModelResponseSchema,
] as const;

test("a chunk of three bytes, the last, is these bytes", () => {
  const bytes = encodeChunk({ kind: "chunk", data: Uint8Array.of(1, 2, 3), last: true });
  expect(toHex(bytes)).toBe("1207080112030102" + "03");
});

test("the encoding by hand is that of protobuf-es, in every stream that carries chunks", () => {
  const sizes = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384, limits.chunkSizeBytesMax));
  fc.assert(
    fc.property(sizes, fc.boolean(), (sizeBytes, last) => {
      const data = new Uint8Array(sizeBytes).fill(7);
      const bytes = encodeChunk({ kind: "chunk", data, last });
      for (const schema of streams) {
        const message = create(schema, { part: { case: "chunk", value: { data, last } } });
        expect(Buffer.compare(bytes, toBinary(schema, message))).toBe(0);
      }
    }),
    { numRuns: 40 },
  );
});

test("a chunk over the maximum is neither encoded nor taken", () => {
  const data = new Uint8Array(limits.chunkSizeBytesMax + 1);
  expect(() => encodeChunk({ kind: "chunk", data, last: false })).toThrow(FlError);
  const foreign = toBinary(
    UploadContributionRequestSchema,
    create(UploadContributionRequestSchema, { part: { case: "chunk", value: { data } } }),
  );
  expect(coordinatorMethods.uploadContribution.request.decode(foreign)).toMatchObject({ refusal: { code: "too-large" } });
});

test("an empty chunk that is not the last is malformed", () => {
  const bytes = encodeChunk({ kind: "chunk", data: new Uint8Array(), last: false });
  expect(coordinatorMethods.uploadContribution.request.decode(bytes)).toMatchObject({ refusal: { code: "malformed" } });
});

test("the data of a decoded chunk is a view of the message, and its slice is a copy", () => {
  const message = Buffer.from(encodeChunk({ kind: "chunk", data: Uint8Array.of(1, 2, 3), last: true }));
  const outcome = coordinatorMethods.uploadContribution.request.decode(message);
  if (outcome.kind !== "ok" || outcome.value.kind !== "chunk") throw new FlError("internal", "not decoded");
  expect(outcome.value.data.buffer).toBe(message.buffer);
  const copy = outcome.value.data.slice();
  message.fill(0);
  expect([...copy]).toEqual([1, 2, 3]);
});
