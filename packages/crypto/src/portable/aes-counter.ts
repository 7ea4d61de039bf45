import { ctr } from "@noble/ciphers/aes.js";
import type { CounterStreamInput } from "../counter-stream.ts";

/** The {@link CounterStream} of noble. */
export function aes256CounterStream({ key, counter, zeros }: CounterStreamInput): Uint8Array {
  return ctr(key, counter).encrypt(zeros);
}
