import type { ClientId } from "@sotto/base";
import { ed25519Signer, type Seed, seededRng, x25519KeyPair } from "@sotto/crypto";
import { signAdvert } from "../advert.ts";
import { contextDigest } from "../context.ts";
import type { Advert, SessionContext } from "../messages.ts";
import type { KeyingState } from "./state.ts";

/** What a client begins a session with. */
export interface AdvertiseInput {
  readonly context: SessionContext;
  readonly client: ClientId;
  /** The client's Ed25519 secret key, 32 bytes; borrowed until the session ends. */
  readonly signingKey: Uint8Array;
  /** Fresh for this session. */
  readonly seed: Seed;
}

/** S0 of SECAGG 2.8: draws the two session pairs and signs their public keys. `consumed` is the seed. */
export function advertise({ context, client, signingKey, seed }: AdvertiseInput): {
  readonly advert: Advert;
  readonly state: KeyingState;
  readonly consumed: readonly Uint8Array[];
} {
  const rng = seededRng(seed);
  const maskPair = x25519KeyPair(rng.bytes(32));
  const envelopePair = x25519KeyPair(rng.bytes(32));
  const session = contextDigest(context);
  // Imported once: a session has five signatures, and an import costs ten.
  const sign = ed25519Signer(signingKey);
  const advert = signAdvert(session, { client, maskKey: maskPair.publicKey, envelopeKey: envelopePair.publicKey }, sign);
  const state = { stage: "keying", contextDigest: session, client, sign, maskPair, envelopePair, advert } as const;
  return { advert, state, consumed: [seed] };
}
