import type { ClientId } from "@sotto/base";
import { type Seed, seededRng } from "@sotto/crypto";

/**
 * At most `count` of the candidates, each set of that size equally likely (Fisher-Yates), sorted. The same seed and candidates, in any
 * order, give the same clients.
 */
export function select(input: {
  readonly candidates: Iterable<ClientId>;
  readonly count: number;
  readonly seed: Seed;
}): readonly ClientId[] {
  const pool = [...new Set(input.candidates)].sort();
  const count = Math.min(pool.length, input.count);
  if (count < pool.length) shuffleHeadInto(pool, count, input.seed);
  return pool.slice(0, count).sort();
}

function shuffleHeadInto(pool: ClientId[], count: number, seed: Seed): void {
  const rng = seededRng(seed);
  for (let i = 0; i < count; i++) {
    const j = i + below(rng, pool.length - i);
    const kept = pool[i]!;
    pool[i] = pool[j]!;
    pool[j] = kept;
  }
}

/** A whole number below `bound`, uniform: words from the uneven last stretch are drawn again. */
function below(rng: { bytes(length: number): Uint8Array }, bound: number): number {
  const even = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const word = new DataView(Uint8Array.from(rng.bytes(4)).buffer).getUint32(0);
    if (word < even) return word % bound;
  }
}
