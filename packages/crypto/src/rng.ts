import { type Brand, FlError, type Rng } from "@sotto/base";
import { assertSize } from "./size.ts";

/** 32 secret random bytes that a pure step draws all its randomness from; used once, then wiped. */
export type Seed = Brand<Uint8Array, "Seed">;

/** 32 bytes as a {@link Seed}: the same array, not a copy. @throws FlError `invalid-argument` unless 32 bytes */
export function toSeed(bytes: Uint8Array): Seed {
  assertSize(bytes, 32, "seed");
  return bytes as Seed;
}

/** A fresh {@link Seed}. */
export function seedFrom(rng: Rng): Seed {
  return toSeed(rng.bytes(32));
}

/** Generators, the same over every provider. Theirs throw FlError `invalid-argument` unless asked for 0 to 2^31 - 1 bytes. */
export interface Generators {
  /** The operating system's generator: the only one for real secrets. */
  randomRng(): Rng;
  /**
   * The bytes of AES-256-CTR under a seed of 32 bytes, one after another however they are asked for: as unpredictable as the seed.
   * Simulations and tests repeat themselves with it; pure steps stretch their {@link Seed} with it. At most 2^36 bytes a seed.
   * @throws FlError `invalid-argument` unless 32 bytes
   */
  seededRng(seed: Uint8Array): Rng;
}

/** What a library gives: sizes are checked, results are fresh and start a buffer of their own. */
export interface GeneratorsProvider {
  randomBytes(length: number): Uint8Array;
  /** Copies the seed; each call gives the next bytes of its stream. */
  stretch(seed: Uint8Array): (length: number) => Uint8Array;
}

/** {@link Generators} of a provider. */
export function createGenerators(provider: GeneratorsProvider): Generators {
  return {
    randomRng: () => rngOver(provider.randomBytes),
    seededRng: (seed) => rngOver(provider.stretch(toSeed(seed))),
  };
}

function rngOver(next: (length: number) => Uint8Array): Rng {
  return {
    bytes: (length) => {
      if (Number.isInteger(length) && length >= 0 && length < 2 ** 31) return next(length);
      throw new FlError("invalid-argument", `random bytes asked for, ${length}, must be an integer from 0 to ${2 ** 31 - 1}`);
    },
  };
}
