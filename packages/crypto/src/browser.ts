import { portableProvider } from "./portable/provider.ts";
import { createPrimitives, type Primitives } from "./primitives.ts";

export type { Ed25519KeyPair, Signer, Verifier } from "./ed25519.ts";
export type { Sha256Stream } from "./hash.ts";
export type { HkdfInput } from "./hkdf.ts";
export { type Keystream, type KeystreamRange, keystreamTileBytes } from "./keystream.ts";
export type { Primitives } from "./primitives.ts";
export { type Seed, seedFrom, toSeed } from "./rng.ts";
export { type SealingKey, sealOverheadBytes } from "./seal.ts";
export { transcript, u32Bytes, u64Bytes } from "./transcript.ts";
export type { X25519Agreement, X25519KeyPair, X25519Shared } from "./x25519.ts";

/** The face that a bundler for browsers takes, by the condition `browser`: the names of `index.ts`, nothing of Node. */
const primitives: Primitives = createPrimitives(portableProvider);

/** SHA-256 of bytes that arrive in chunks. See {@link Primitives.createSha256}. */
export const createSha256: Primitives["createSha256"] = primitives.createSha256;
/** The Ed25519 key pair of a seed. See {@link Primitives.ed25519KeyPair}. */
export const ed25519KeyPair: Primitives["ed25519KeyPair"] = primitives.ed25519KeyPair;
/** One Ed25519 signature. See {@link Primitives.ed25519Sign}. */
export const ed25519Sign: Primitives["ed25519Sign"] = primitives.ed25519Sign;
/** Ed25519 signatures with one key. See {@link Primitives.ed25519Signer}. */
export const ed25519Signer: Primitives["ed25519Signer"] = primitives.ed25519Signer;
/** Whether Ed25519 signatures of one key are good. See {@link Primitives.ed25519Verifier}. */
export const ed25519Verifier: Primitives["ed25519Verifier"] = primitives.ed25519Verifier;
/** Whether one Ed25519 signature is good. See {@link Primitives.ed25519Verify}. */
export const ed25519Verify: Primitives["ed25519Verify"] = primitives.ed25519Verify;
/** HKDF with SHA-256. See {@link Primitives.hkdfSha256}. */
export const hkdfSha256: Primitives["hkdfSha256"] = primitives.hkdfSha256;
/** Whether an X25519 public key has low order. See {@link Primitives.isWeakKey}. */
export const isWeakKey: Primitives["isWeakKey"] = primitives.isWeakKey;
/** A stretch of AES-256 in counter mode: the masks. See {@link Primitives.keystream}. */
export const keystream: Primitives["keystream"] = primitives.keystream;
/** Opens what {@link seal} made. See {@link Primitives.open}. */
export const open: Primitives["open"] = primitives.open;
/** The operating system's generator. See {@link Primitives.randomRng}. */
export const randomRng: Primitives["randomRng"] = primitives.randomRng;
/** ChaCha20-Poly1305. See {@link Primitives.seal}. */
export const seal: Primitives["seal"] = primitives.seal;
/** A generator that repeats itself. See {@link Primitives.seededRng}. */
export const seededRng: Primitives["seededRng"] = primitives.seededRng;
/** SHA-256, 32 bytes. See {@link Primitives.sha256}. */
export const sha256: Primitives["sha256"] = primitives.sha256;
/** SHA-256 as text. See {@link Primitives.sha256Digest}. */
export const sha256Digest: Primitives["sha256Digest"] = primitives.sha256Digest;
/** One X25519 agreement. See {@link Primitives.x25519}. */
export const x25519: Primitives["x25519"] = primitives.x25519;
/** X25519 agreements of one pair with many peers. See {@link Primitives.x25519Agreement}. */
export const x25519Agreement: Primitives["x25519Agreement"] = primitives.x25519Agreement;
/** The X25519 key pair of a secret. See {@link Primitives.x25519KeyPair}. */
export const x25519KeyPair: Primitives["x25519KeyPair"] = primitives.x25519KeyPair;
