import { ctr } from "@noble/ciphers/aes.js";
import { wipeInto } from "@sotto/base";
import type { CounterReader, CounterStreamStart } from "../counter-stream.ts";

const blockBytes = 16;

/** The `CounterStream` of noble: 20 to 50 times slower than that of Node. */
export function aes256CounterStream({ key, counter }: CounterStreamStart): CounterReader {
  const held = key.slice();
  const first = counter.slice();
  let position = 0;
  return {
    readInto(target) {
      const skipped = position % blockBytes;
      const stream = ctr(held, counterAfter(first, (position - skipped) / blockBytes)).encrypt(new Uint8Array(skipped + target.length));
      target.set(stream.subarray(skipped));
      position += target.length;
      wipeInto(stream);
    },
    close: () => wipeInto(held),
  };
}

/** The counter `blocks` further, modulo 2^128. */
function counterAfter(counter: Uint8Array, blocks: number): Uint8Array {
  const next = new Uint8Array(counter);
  const view = new DataView(next.buffer);
  const low = view.getBigUint64(8) + BigInt(blocks);
  view.setBigUint64(0, view.getBigUint64(0) + (low >> 64n));
  view.setBigUint64(8, low);
  return next;
}
