import { utf8 } from "@sotto/base";
import { seededRng, sha256, transcript, u32Bytes } from "@sotto/crypto";

/** Numbers for synthetic data: the same for the same seed on every machine. Never for a secret. */
export interface RandomNumbers {
  /** In [0, 1). */
  uniform(): number;
  /** Normal with this mean and standard deviation. */
  normal(mean: number, deviation: number): number;
  /** Whether an event of this probability happens. */
  isHit(probability: number): boolean;
  /** One of `items`, which come with probabilities that sum to 1. */
  pick<T>(items: readonly (readonly [T, number])[], otherwise: T): T;
}

/** The numbers of a seed (an integer from 0 to 2^32 - 1) and a name; other names give independent numbers. */
export function randomNumbers(seed: number, name: string): RandomNumbers {
  const rng = seededRng(sha256(transcript("sotto/demo-data/v1", u32Bytes(seed), utf8(name))));

  let block: DataView = new DataView(new ArrayBuffer(0));
  let used = 0;

  function uniform(): number {
    if (used === block.byteLength) {
      const bytes = rng.bytes(4096);
      block = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      used = 0;
    }
    used += 4;
    return block.getUint32(used - 4) / 2 ** 32;
  }

  // Box and Muller 1958, the cosine half.
  function normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * uniform());
  }

  function pick<T>(items: readonly (readonly [T, number])[], otherwise: T): T {
    let left = uniform();
    for (const [item, probability] of items) {
      if (left < probability) return item;
      left -= probability;
    }
    return otherwise;
  }

  return { uniform, normal, isHit: (probability) => uniform() < probability, pick };
}
