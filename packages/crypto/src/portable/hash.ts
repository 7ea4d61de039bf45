import { sha256 } from "@noble/hashes/sha2.js";
import type { Sha256Provider } from "../hash.ts";

/** SHA-256 of noble. */
export const sha256Provider: Sha256Provider = {
  digestOf: (bytes) => sha256(bytes),
  createState: () => sha256.create(),
};
