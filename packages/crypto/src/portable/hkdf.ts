import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { HkdfProvider } from "../hkdf.ts";

/** HKDF of noble. */
export const hkdfProvider: HkdfProvider = {
  derive: ({ secret, salt, info, length }) => hkdf(sha256, secret, salt, info, length),
};
