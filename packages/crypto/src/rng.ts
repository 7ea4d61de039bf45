import { createCipheriv, randomFillSync } from "node:crypto";
import { type Brand, FlError, type Rng } from "@sotto/base";

/** 32 secret random bytes that a pure step draws all its randomness from; used once, then wiped. */
export type Seed = Brand<Uint8Array, "Seed">;

/** 32 bytes as a {@link Seed}: the same array, not a copy. @throws FlError `invalid-argument` unless 32 bytes */
export function toSeed(bytes: Uint8Array): Seed {
  if (bytes.length !== 32) throw new FlError("invalid-argument", `seed of ${bytes.length} bytes must be 32`);
  return bytes as Seed;
}

/** A fresh {@link Seed}. */
export function seedFrom(rng: Rng): Seed {
  return toSeed(rng.bytes(32));
}

/** The operating system's generator: the only one for real secrets. */
export function randomRng(): Rng {
  return { bytes: (length) => randomFillSync(new Uint8Array(length)) };
}

/**
 * The bytes of AES-256-CTR under a seed of 32 bytes, one after another however they are asked for: as unpredictable as the seed.
 * Simulations and tests repeat themselves with it; pure steps stretch their {@link Seed} with it.
 * @throws FlError `invalid-argument` unless 32 bytes
 */
export function seededRng(seed: Uint8Array): Rng {
  const stream = createCipheriv("aes-256-ctr", toSeed(seed), new Uint8Array(16));
  return { bytes: (length) => new Uint8Array(stream.update(new Uint8Array(length))) };
}
