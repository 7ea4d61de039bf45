import { createCipheriv } from "node:crypto";
import type { CounterStreamInput } from "../counter-stream.ts";

/** The {@link CounterStream} of OpenSSL. */
export function aes256CounterStream({ key, counter, zeros }: CounterStreamInput): Uint8Array {
  return createCipheriv("aes-256-ctr", key, counter).update(zeros);
}
