export { sha256, sha256Digest } from "./hash.ts";
