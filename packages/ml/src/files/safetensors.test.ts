import { concatBytes, utf8 } from "@sotto/base";
import { parameterCount } from "@sotto/protocol";
import { toModelVector } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSafetensors, safetensors } from "./safetensors.ts";

function fileOf(header: string, values: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(header.length, 0, 0, 0, 0, 0, 0, 0), utf8(header), values);
}

test("a file is laid out as the format's page says", () => {
  const layout = [
    { name: "b", shape: [1] },
    { name: "a", shape: [] },
  ];
  const header =
    '{"__metadata__":{"round":"3"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}';
  const expected = fileOf(header.padEnd(8 * Math.ceil(header.length / 8)), Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0));
  expect(safetensors({ layout, vector: toModelVector(Float32Array.of(1, -2)), metadata: { round: "3" } })).toEqual(expected);
});

test("any model comes back as it was", () => {
  // Not a key that JavaScript's objects keep to themselves.
  const key = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text !== "__metadata__" && text !== "__proto__");
  const entry = fc.record({
    name: key,
    shape: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
  });
  const layouts = fc.uniqueArray(entry, { minLength: 1, maxLength: 6, selector: ({ name }) => name });
  fc.assert(
    fc.property(layouts, fc.dictionary(key, fc.string()), fc.float({ noNaN: true, noDefaultInfinity: true }), (layout, metadata, value) => {
      const vector = toModelVector(Float32Array.from({ length: parameterCount(layout) }, (_, i) => (i % 2 === 0 ? value : i)));
      expect(readSafetensors(safetensors({ layout, vector, metadata }))).toEqual({ layout, vector, metadata });
    }),
  );
});

test("a file that does not hold what its header says is refused", () => {
  const header = (offsets: string, dtype = "F32"): string => `{"a":{"dtype":"${dtype}","shape":[2],"data_offsets":${offsets}}}`;
  expect(() => readSafetensors(fileOf(header("[0,8]"), new Uint8Array(7)))).toThrow("weights of 7 bytes must have 8");
  expect(() => readSafetensors(fileOf(header("[4,12]"), new Uint8Array(12)))).toThrow('tensor "a" lies at [4,12] and must lie at 0');
  expect(() => readSafetensors(fileOf(header("[0,4]"), new Uint8Array(4)))).toThrow("8 bytes long");
  expect(() => readSafetensors(fileOf(header("[0,4]", "F16"), new Uint8Array(4)))).toThrow("dtype");
  expect(() => readSafetensors(fileOf("[", new Uint8Array(4)))).toThrow("not JSON");
  expect(() => readSafetensors(new Uint8Array(4))).toThrow("has no header");
  expect(() => readSafetensors(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 1))).toThrow("reaches past the file's 9");
});

test("a vector that its layout does not fit is not written", () => {
  const vector = toModelVector(Float32Array.of(1));
  expect(() => safetensors({ layout: [{ name: "a", shape: [2] }], vector, metadata: {} })).toThrow("must have 2");
});
