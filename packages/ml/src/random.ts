/** A deterministic stream of random numbers, the same on every machine. Not for secrets: those come from `crypto`. */
export interface RandomStream {
  /** Uniform in 0 to 2^32 - 1. */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in 0 to `bound` - 1, without bias; `bound` is 1 to 2^32. */
  below(bound: number): number;
}

/**
 * Stream number `stream` of `seed`, both 0 to 2^32 - 1: xoshiro128** 1.1 (Blackman and Vigna 2021), its state filled by
 * MurmurHash3's finaliser. Streams of one seed do not overlap in practice and must not be taken for independent keys.
 */
export function randomStream(options: { readonly seed: number; readonly stream: number }): RandomStream {
  const start = mix(mix(options.seed) ^ Math.imul(options.stream + 1, golden));
  return streamFrom(Uint32Array.from([1, 2, 3, 4], (i) => mix(start + Math.imul(i, golden))));
}

/** The stream that starts from a state of four words, not all 0; it takes the array over. */
export function streamFrom(state: Uint32Array): RandomStream {
  const uint32 = (): number => nextWordInto(state);
  const uniform = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53;
  return {
    uint32,
    uniform,
    // Box and Muller 1958. 1 - uniform is never 0, so the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    below: (bound) => {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let word = uint32();
      while (word >= limit) word = uint32();
      return word % bound;
    },
  };
}

const golden = 0x9e3779b9;

function nextWordInto(state: Uint32Array): number {
  const [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!];
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  state[1] = b ^ c ^ a;
  state[0] = a ^ d ^ b;
  state[2] = c ^ a ^ (b << 9);
  state[3] = rotateLeft(d ^ b, 11);
  return result;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
