import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeModel, encodeModel } from "./model-bytes.ts";
import { toModelVector } from "./stages.ts";

test("1 and -2 are IEEE 754 singles, little endian, in order", () => {
  expect([...encodeModel(toModelVector(Float32Array.of(1, -2)))]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

test("every model comes back bit for bit", () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }), (values) => {
      const model = toModelVector(values);
      expect(decodeModel(encodeModel(model))).toEqual(model);
    }),
  );
});

test("bytes that are no model are refused", () => {
  expect(() => decodeModel(new Uint8Array(5))).toThrow("multiple of 4");
  expect(() => decodeModel(new Uint8Array(4).fill(0xff))).toThrow("not finite");
});
