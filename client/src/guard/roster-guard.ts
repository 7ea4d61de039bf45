import { type ClientId, type Digest, equalBytes, type Instant, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { enrolledKeys, parseRoster, type Roster } from "@sotto/identity";

/** What this client knows of itself and of the federation, from its own files. */
export interface Identity {
  readonly client: ClientId;
  /** Ed25519 public key of this client's own signing key, 32 bytes. */
  readonly verificationKey: Uint8Array;
  /** Ed25519 public key of the federation authority, 32 bytes. */
  readonly authorityPublicKey: Uint8Array;
}

/** A roster as it arrived. */
export interface RosterCheck {
  readonly bytes: Uint8Array;
  /** The digest the instruction asked for. */
  readonly digest: Digest;
  readonly at: Instant;
  readonly identity: Identity;
  /** The last roster accepted; null before the first. */
  readonly seen: SeenRoster | null;
}

/** Which roster was accepted last, also by an earlier process of this client. */
export type SeenRoster = Pick<Roster, "federation" | "version" | "digest">;

/** Codes of {@link checkRoster}. */
export type RosterRefusalCode =
  | "bad-roster"
  | "bad-roster-signature"
  | "digest-mismatch"
  | "roster-expired"
  | "roster-rollback"
  | "not-enrolled";

/**
 * Reads a roster and trusts it when the authority signed it, it is the one asked for, has not expired, is not older than one seen
 * before, and names this client with this client's own key (SECAGG 2.2).
 */
export function checkRoster({ bytes, digest, at, identity, seen }: RosterCheck): Outcome<Roster, Refusal<RosterRefusalCode>> {
  const read = parseRoster(bytes, identity.authorityPublicKey);
  if (read.kind === "refused") return read;
  const roster = read.value;
  if (roster.digest !== digest) return refused("digest-mismatch", `roster ${roster.digest} came for ${digest}`);
  if (seen !== null && isRollback(roster, seen)) {
    return refused(
      "roster-rollback",
      `roster version ${roster.version} (${roster.digest}) came after version ${seen.version} (${seen.digest})`,
    );
  }
  const enrolled = enrolledKeys(roster).verificationKey(identity.client);
  if (enrolled === null) return refused("not-enrolled", `roster version ${roster.version} does not name ${identity.client}`);
  if (!equalBytes(enrolled, identity.verificationKey)) {
    return refused("not-enrolled", `roster version ${roster.version} has another key for ${identity.client}`);
  }
  return checkExpiry(roster, at);
}

/** A roster that is still in force at `at`; one that was accepted may have expired since. */
export function checkExpiry(roster: Roster, at: Instant): Outcome<Roster, Refusal<"roster-expired">> {
  if (roster.expiresAt > at) return ok(roster);
  return refused("roster-expired", `roster version ${roster.version} expired at ${new Date(roster.expiresAt).toISOString()}`);
}

/** Two rosters of one version would be a fork: the authority signs a version of a federation once. */
function isRollback(roster: Roster, seen: SeenRoster): boolean {
  const forked = roster.version === seen.version && roster.digest !== seen.digest;
  return roster.federation !== seen.federation || roster.version < seen.version || forked;
}
