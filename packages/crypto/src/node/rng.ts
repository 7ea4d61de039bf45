import { createCipheriv, randomFillSync } from "node:crypto";
import type { GeneratorsProvider } from "../rng.ts";

/** The generators of OpenSSL. */
export const generatorsProvider: GeneratorsProvider = {
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
  stretch: (seed) => {
    const stream = createCipheriv("aes-256-ctr", seed, new Uint8Array(16));
    return (length) => new Uint8Array(stream.update(new Uint8Array(length)));
  },
};
