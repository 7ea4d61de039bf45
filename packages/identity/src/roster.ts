import type { ClientId, Digest, FederationId, Instant, OperatorId } from "@sotto/base";
import { fingerprintFrom } from "./fingerprint.ts";

/** One enrolled client. */
export interface RosterClient {
  readonly id: ClientId;
  /** Ed25519 public key of its long-term identity, 32 bytes (SECAGG 2.2). */
  readonly verificationKey: Uint8Array;
  /** SHA-256 of the DER of its TLS certificate. */
  readonly certificateFingerprint: Digest;
  /** What the authority says of it, such as `site=basel`: ascending, without repetition. */
  readonly labels: readonly string[];
}

/** Somebody who may submit and watch tasks. */
export interface RosterOperator {
  readonly id: OperatorId;
  /** SHA-256 of the DER of its TLS certificate. */
  readonly certificateFingerprint: Digest;
}

/** What the authority states with one signature. */
export interface RosterBody {
  readonly federation: FederationId;
  /** From 1, higher with every roster of a federation: who saw one refuses a lower one. */
  readonly version: number;
  /** Nobody uses the roster from here on; checked by whoever holds a clock. */
  readonly expiresAt: Instant;
  /** Ascending by id. */
  readonly clients: readonly RosterClient[];
  /** Ascending by id. */
  readonly operators: readonly RosterOperator[];
}

/** A roster whose signature held. */
export interface Roster extends RosterBody {
  /** SHA-256 of the whole signed file: what plans and sessions are bound to. */
  readonly digest: Digest;
  /** Whose certificate has this fingerprint; for {@link identify}. */
  readonly callers: ReadonlyMap<Digest, Caller>;
}

/** Who is at the other end of a connection, proven by its certificate. */
export type Caller = { readonly kind: "client"; readonly client: ClientId } | { readonly kind: "operator"; readonly operator: OperatorId };

/** Whose certificate this is, by its SHA-256 fingerprint as node writes it or in plain hexadecimal; null when it is not enrolled. */
export function identify(roster: Roster, certificateFingerprint: string): Caller | null {
  const fingerprint = fingerprintFrom(certificateFingerprint);
  return fingerprint === null ? null : (roster.callers.get(fingerprint) ?? null);
}

/** The identity keys of a roster: `verificationKey` gives 32 bytes, or null for a client that is not enrolled. */
export function enrolledKeys(roster: Roster): { readonly verificationKey: (client: ClientId) => Uint8Array | null } {
  const keys = new Map(roster.clients.map(({ id, verificationKey }) => [id, verificationKey]));
  return { verificationKey: (client) => keys.get(client) ?? null };
}
