import { createKeystream, keystreamTileBytes } from "../keystream.ts";
import type { GeneratorsProvider } from "../rng.ts";
import { aes256CounterStream } from "./aes-counter.ts";

const blockBytes = 16;
const drawBytesMax = 65_536; // the most that one call of getRandomValues gives
const keystream = createKeystream(aes256CounterStream);

/** The browser's generator, and one seeded that walks along the keystream of its seed. */
export const generatorsProvider: GeneratorsProvider = {
  randomBytes: (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += drawBytesMax) crypto.getRandomValues(bytes.subarray(at, at + drawBytesMax));
    return bytes;
  },
  stretch: (seed) => {
    const key = Uint8Array.from(seed);
    let position = 0;
    return (length) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const skip = position % blockBytes; // the stream is made in whole blocks: begin at the one that was left half used
        const byteLength = Math.min(skip + length - done, keystreamTileBytes);
        bytes.set(keystream({ key, byteOffset: position - skip, byteLength }).subarray(skip), done);
        done += byteLength - skip;
        position += byteLength - skip;
      }
      return bytes;
    };
  },
};
