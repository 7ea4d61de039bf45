import { concatBytes, FlError, fromHex, toHex } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKeystream, keystreamTileBytes } from "./keystream.ts";
import { aes256CounterStream } from "./node/aes-counter.ts";
import { aes256CounterStream as portableCounterStream } from "./portable/aes-counter.ts";

const keystream = createKeystream(aes256CounterStream);
const portableKeystream = createKeystream(portableCounterStream);

test.each([
  { provider: "node:crypto", counterStream: aes256CounterStream },
  { provider: "noble", counterStream: portableCounterStream },
])("AES-256 in counter mode of $provider gives the answer of NIST SP 800-38A F.5.5", ({ counterStream }) => {
  const key = fromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const counter = fromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const plaintext = fromHex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
  );
  const stream = new Uint8Array(64);
  const reader = counterStream({ key, counter });
  reader.readInto(stream);
  reader.close();
  expect(toHex(plaintext.map((byte, i) => byte ^ stream[i]!))).toBe(
    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
  );
});

test("the stream of the zero key begins with the blocks that the GCM test cases 13 and 14 use", () => {
  expect(toHex(keystream({ key: new Uint8Array(32), byteOffset: 0, byteLength: 48 }))).toBe(
    "dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738bcea7403d4d606b6e074ec5d3baf39d18",
  );
});

const whole = concatBytes(
  ...[0, keystreamTileBytes].map((byteOffset) =>
    keystream({ key: new Uint8Array(32).fill(9), byteOffset, byteLength: keystreamTileBytes }),
  ),
);

test("any stretch of a stream is that part of the whole", () => {
  const key = new Uint8Array(32).fill(9);
  fc.assert(
    fc.property(fc.nat({ max: 9000 }), fc.nat({ max: 4096 }), (block, byteLength) => {
      const stretch = keystream({ key, byteOffset: 16 * block, byteLength });
      expect(equal(stretch, whole.subarray(16 * block, 16 * block + byteLength))).toBe(true);
    }),
  );
});

describe.each([
  { provider: "node:crypto", open: keystream.open },
  { provider: "noble", open: portableKeystream.open },
])("a stream of $provider that is read", ({ open }) => {
  test("from any offset, in pieces of any length, is that part of the whole", () => {
    const pieces = fc.array(fc.nat({ max: 700 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), pieces, fc.nat({ max: 7 }), (byteOffset, lengths, alignment) => {
        const key = new Uint8Array(32).fill(9);
        const reader = open({ key, byteOffset });
        // The reader has the key: wiping the caller's changes nothing.
        key.fill(0);
        let position = byteOffset;
        for (const length of lengths) {
          const target = new Uint8Array(alignment + length + 1).fill(0xaa);
          reader.readInto(target.subarray(alignment, alignment + length));
          expect(toHex(target.subarray(alignment, alignment + length))).toBe(toHex(whole.subarray(position, position + length)));
          expect([...target.subarray(0, alignment), target.at(-1)]).toEqual([...new Uint8Array(alignment).fill(0xaa), 0xaa]);
          position += length;
        }
        reader.close();
      }),
    );
  });

  test("by whole tiles is the whole", () => {
    const reader = open({ key: new Uint8Array(32).fill(9), byteOffset: 0 });
    const tiles = new Uint8Array(2 * keystreamTileBytes);
    reader.readInto(tiles.subarray(0, keystreamTileBytes));
    reader.readInto(tiles.subarray(keystreamTileBytes));
    reader.close();
    expect(equal(tiles, whole)).toBe(true);
  });

  test("carries beyond the 32 bits of a counter word, up to its end and not beyond", () => {
    const key = new Uint8Array(32).fill(9);
    const reader = open({ key, byteOffset: 2 ** 36 - 24 });
    const bytes = new Uint8Array(24);
    expect(() => reader.readInto(new Uint8Array(25))).toThrow(`stream offset ${2 ** 36 + 1} must be at most ${2 ** 36}`);
    reader.readInto(bytes);
    expect(() => reader.readInto(new Uint8Array(1))).toThrow(FlError);
    reader.close();
    const last = keystream({ key, byteOffset: 2 ** 36 - 32, byteLength: 32 });
    expect(toHex(bytes)).toBe(toHex(last.subarray(8)));
  });

  test("ends when it is closed", () => {
    const reader = open({ key: new Uint8Array(32), byteOffset: 0 });
    expect(() => reader.readInto(new Uint8Array(keystreamTileBytes + 1))).toThrow(FlError);
    reader.close();
    reader.close();
    expect(() => reader.readInto(new Uint8Array(1))).toThrow(new FlError("failed-precondition", "the keystream is closed"));
  });

  test("begins at an integer within the stream, with a key of 32 bytes", () => {
    for (const byteOffset of [-1, 1.5, 2 ** 36, Number.NaN]) {
      expect(() => open({ key: new Uint8Array(32), byteOffset })).toThrow(`stream offset ${byteOffset} must be an integer`);
    }
    expect(() => open({ key: new Uint8Array(31), byteOffset: 0 })).toThrow("stream key of 31 bytes must be 32");
  });
});

test("a key and a target in shared memory are as good as any", () => {
  const key = new Uint8Array(new SharedArrayBuffer(32)).fill(9);
  const target = new Uint8Array(new SharedArrayBuffer(100));
  const reader = keystream.open({ key, byteOffset: 16 });
  reader.readInto(target);
  reader.close();
  expect(toHex(target)).toBe(toHex(whole.subarray(16, 116)));
});

test("tiles that were read leave no memory to the collector", () => {
  const reader = keystream.open({ key: new Uint8Array(32), byteOffset: 0 });
  const tile = new Uint8Array(keystreamTileBytes);
  reader.readInto(tile);
  const before = process.memoryUsage().arrayBuffers;
  // 8 MB of outputs: a quarter of what makes V8 collect them.
  for (let i = 0; i < 100; i++) reader.readInto(tile);
  reader.close();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * keystreamTileBytes);
});

test("both providers give the same stream, whose bytes start a buffer of their own", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes32, fc.nat({ max: 2 ** 32 - 33 }), fc.nat({ max: 500 }), (key, block, byteLength) => {
      const range = { key, byteOffset: 16 * block, byteLength };
      const stretch = keystream(range);
      const other = portableKeystream(range);
      expect(toHex(other)).toBe(toHex(stretch));
      expect([stretch.byteOffset, other.byteOffset]).toEqual([0, 0]);
    }),
  );
});

test("the counter goes on beyond 2^32 bytes, and never repeats a block", () => {
  const key = new Uint8Array(32).fill(9);
  const at = (byteOffset: number): string => toHex(keystream({ key, byteOffset, byteLength: 16 }));
  const offsets = [0, 2 ** 31, 2 ** 32 - 16, 2 ** 32, 2 ** 35, 2 ** 36 - 16];
  expect(new Set(offsets.map(at)).size).toBe(offsets.length);
  expect(toHex(keystream({ key, byteOffset: 2 ** 32 - 16, byteLength: 32 }))).toBe(at(2 ** 32 - 16) + at(2 ** 32));
});

test("what lies outside the stream is an error", () => {
  const key = new Uint8Array(32);
  for (const byteOffset of [-16, 8, 1.5, 2 ** 36, Number.NaN]) {
    expect(() => keystream({ key, byteOffset, byteLength: 16 })).toThrow(FlError);
  }
  expect(() => keystream({ key, byteOffset: 0, byteLength: keystreamTileBytes + 1 })).toThrow(FlError);
  expect(() => keystream({ key: new Uint8Array(16), byteOffset: 0, byteLength: 16 })).toThrow(FlError);
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
