export { type Ed25519KeyPair, ed25519KeyPair, ed25519Sign, ed25519Verify } from "./ed25519.ts";
export { createSha256, type Sha256Stream, sha256, sha256Digest } from "./hash.ts";
export { type HkdfInput, hkdfSha256 } from "./hkdf.ts";
export { type KeystreamRange, keystream, keystreamTileBytes } from "./keystream.ts";
export { randomRng, type Seed, seededRng, seedFrom, toSeed } from "./rng.ts";
export { open, type SealingKey, seal, sealOverheadBytes } from "./seal.ts";
export { transcript, u32Bytes, u64Bytes } from "./transcript.ts";
export { isWeakKey, type X25519KeyPair, x25519, x25519KeyPair } from "./x25519.ts";
