import { type ClientId, type FederationId, FlError, type Instant, parseFederationId, utf8 } from "@sotto/base";
import { ed25519KeyPair, type Seed, seededRng, sha256, sha256Digest, toSeed, transcript, u32Bytes } from "@sotto/crypto";
import { parseRoster, type Roster, signRoster } from "@sotto/identity";

/** A federation that exists only in memory: real keys and a really signed roster, certificates that nobody shows. */
export interface SimulatedFederation {
  readonly federation: FederationId;
  readonly roster: Roster;
  readonly rosterBytes: Uint8Array;
  readonly authorityPublicKey: Uint8Array;
  /** Ed25519 secret key of each client's identity. */
  readonly signingKeys: ReadonlyMap<ClientId, Uint8Array>;
}

/** Enrols the clients; the same seed gives the same keys. */
export function simulateFederation(
  clients: readonly ClientId[],
  { seed, expiresAt }: { readonly seed: number; readonly expiresAt: Instant },
): SimulatedFederation {
  const rng = seededRng(seedOf("simulated federation", seed));
  const federation = parseFederationId("simulated");
  const authority = ed25519KeyPair(rng.bytes(32));
  const signingKeys = new Map([...clients].sort().map((client) => [client, rng.bytes(32)]));
  const rosterBytes = signRoster(
    {
      federation,
      version: 1,
      expiresAt,
      clients: [...signingKeys].map(([id, key]) => ({
        id,
        verificationKey: ed25519KeyPair(key).publicKey,
        certificateFingerprint: sha256Digest(utf8(`certificate of ${id}`)),
        labels: [],
      })),
      operators: [],
    },
    authority.secretKey,
  );
  const roster = parseRoster(rosterBytes, authority.publicKey);
  if (roster.kind === "refused") throw new FlError("internal", roster.refusal.message);
  return { federation, roster: roster.value, rosterBytes, authorityPublicKey: authority.publicKey, signingKeys };
}

/** The seed of one purpose in a world. */
export function seedOf(purpose: string, seed: number): Seed {
  return toSeed(sha256(transcript(purpose, u32Bytes(seed))));
}
