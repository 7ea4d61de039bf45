import type { Provider } from "../primitives.ts";
import { aes256CounterStream } from "./aes-counter.ts";
import { ed25519Provider } from "./ed25519.ts";
import { sha256Provider } from "./hash.ts";
import { hkdfProvider } from "./hkdf.ts";
import { generatorsProvider } from "./rng.ts";
import { sealingProvider } from "./seal.ts";
import { x25519Provider } from "./x25519.ts";

/** Libraries in plain JavaScript, thirty to eighty times slower at curves: what a browser runs, and the second opinion on `node:crypto` in tests. */
export const portableProvider: Provider = {
  x25519: x25519Provider,
  ed25519: ed25519Provider,
  sha256: sha256Provider,
  hkdf: hkdfProvider,
  sealing: sealingProvider,
  generators: generatorsProvider,
  counterStream: aes256CounterStream,
};
