import type { CounterStream } from "./counter-stream.ts";
import { createEd25519, type Ed25519, type Ed25519Provider } from "./ed25519.ts";
import { createHash, type Sha256, type Sha256Provider } from "./hash.ts";
import { createHkdf, type Hkdf, type HkdfProvider } from "./hkdf.ts";
import { createKeystream, type Keystream } from "./keystream.ts";
import { createGenerators, type Generators, type GeneratorsProvider } from "./rng.ts";
import { createSealing, type Sealing, type SealingProvider } from "./seal.ts";
import { createX25519, type X25519, type X25519Provider } from "./x25519.ts";

/** Every primitive Sotto uses, checks included: the same functions with the same answers, errors and refusals over every provider. */
export interface Primitives extends X25519, Ed25519, Sha256, Hkdf, Sealing, Generators {
  readonly keystream: Keystream;
}

/** A library's primitives, without checks: what differs between `node:crypto` and the portable libraries. */
export interface Provider {
  readonly x25519: X25519Provider;
  readonly ed25519: Ed25519Provider;
  readonly sha256: Sha256Provider;
  readonly hkdf: HkdfProvider;
  readonly sealing: SealingProvider;
  readonly generators: GeneratorsProvider;
  readonly counterStream: CounterStream;
}

/** {@link Primitives} of a provider. */
export function createPrimitives(provider: Provider): Primitives {
  return {
    ...createX25519(provider.x25519),
    ...createEd25519(provider.ed25519),
    ...createHash(provider.sha256),
    ...createHkdf(provider.hkdf),
    ...createSealing(provider.sealing),
    ...createGenerators(provider.generators),
    keystream: createKeystream(provider.counterStream),
  };
}
