import { createHash, hash } from "node:crypto";
import type { Sha256Provider } from "../hash.ts";

/** SHA-256 of OpenSSL. */
export const sha256Provider: Sha256Provider = {
  // In one call it costs half of what a hash object does.
  digestOf: (bytes) => new Uint8Array(hash("sha256", bytes, "buffer")),
  createState: () => createHash("sha256"),
};
