import { type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { type X25519Agreement, type X25519KeyPair, x25519Agreement } from "@sotto/crypto";
import type { Cohort } from "../cohort.ts";
import { envelopeKeys, pairKey } from "../key-schedule.ts";
import type { SecaggRefusal } from "../refusal.ts";
import type { PeerKeys } from "./state.ts";

/** A client with its session pairs, in its cohort. */
export interface AgreeingClient {
  readonly cohort: Cohort;
  readonly index: number;
  readonly maskPair: X25519KeyPair;
  readonly envelopePair: X25519KeyPair;
}

/** The keys agreed with some peers. */
export interface AgreedKeys {
  readonly peers: readonly PeerKeys[];
  /** Of what is dealt to each peer; in the order of `peers`. */
  readonly sealingKeys: readonly Uint8Array[];
}

/** Agrees on every key with each of the peers, given by cohort index: SECAGG 2.9. Refused when a peer's session key has low order. */
export function agreeWith(client: AgreeingClient, peers: readonly number[]): Outcome<AgreedKeys, SecaggRefusal> {
  const { cohort, index, maskPair, envelopePair } = client;
  // Each pair meets many peers: its secret key is imported once.
  const withMask = x25519Agreement(maskPair);
  const withEnvelope = x25519Agreement(envelopePair);
  const agreed: PeerKeys[] = [];
  const sealingKeys: Uint8Array[] = [];
  for (const peer of peers) {
    const advert = cohort.adverts[peer]!;
    const outgoing = { from: index, to: peer };
    const pair = agreeOnce(withMask, advert.maskKey, (shared) => pairKey(cohort.contextDigest, shared, outgoing));
    const keys = agreeOnce(withEnvelope, advert.envelopeKey, (shared) => envelopeKeys(cohort.digest, shared, outgoing));
    if (pair === null || keys === null) return refused("weak-key", `a session key of client ${advert.client} has low order`);
    agreed.push({ peer, pairKey: pair, openingKeys: keys.incoming });
    sealingKeys.push(keys.outgoing);
  }
  return ok({ peers: agreed, sealingKeys });
}

/** What `derive` makes of a shared secret, which is wiped; null for a weak key. */
function agreeOnce<T>(agree: X25519Agreement, peerKey: Uint8Array, derive: (shared: Uint8Array) => T): T | null {
  const agreed = agree(peerKey);
  if (agreed.kind === "refused") return null;
  const derived = derive(agreed.value);
  wipeInto(agreed.value);
  return derived;
}
