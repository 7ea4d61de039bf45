import { type ClientId, type FederationId, instant, parseClientId, parseFederationId, utf8 } from "@sotto/base";
import { ed25519KeyPair, sha256, sha256Digest } from "@sotto/crypto";
import { parseRoster, type Roster, type RosterBody, signRoster } from "@sotto/identity";
import { defaultPolicy, type Policy } from "../guard/policy.ts";
import type { Self } from "../round/state.ts";

/** A federation with its secrets, for tests: keys are hashes of names. */
export interface TestFederation {
  readonly id: FederationId;
  readonly clients: readonly ClientId[];
  readonly authorityPublicKey: Uint8Array;
  readonly authoritySecretKey: Uint8Array;
  readonly rosterBytes: Uint8Array;
  readonly roster: Roster;
}

/** When tests begin. */
export const testStart: number = Date.UTC(2026, 0, 1);

/** `count` clients, `ward-00` and on, with a roster that holds for a year; `change` replaces parts of it. */
export function testFederation(count: number, change: Partial<RosterBody> = {}): TestFederation {
  const authority = ed25519KeyPair(sha256(utf8("authority")));
  const clients = Array.from({ length: count }, (_, i) => parseClientId(`ward-${String(i).padStart(2, "0")}`));
  const body: RosterBody = {
    federation: parseFederationId("test"),
    version: 1,
    expiresAt: instant(testStart + 365 * 86_400_000),
    clients: clients.map((id) => ({
      id,
      verificationKey: ed25519KeyPair(signingKeyOf(id)).publicKey,
      certificateFingerprint: sha256Digest(utf8(`certificate of ${id}`)),
      labels: [],
    })),
    operators: [],
    ...change,
  };
  const rosterBytes = signRoster(body, authority.secretKey);
  const parsed = parseRoster(rosterBytes, authority.publicKey);
  if (parsed.kind === "refused") throw new Error(parsed.refusal.message);
  return {
    id: body.federation,
    clients,
    authorityPublicKey: authority.publicKey,
    authoritySecretKey: authority.secretKey,
    rosterBytes,
    roster: parsed.value,
  };
}

/** The identity key of a test client: a fresh array each time. */
export function signingKeyOf(client: ClientId): Uint8Array {
  return sha256(utf8(`identity of ${client}`));
}

/** One client of a test federation. */
export function testSelf(federation: TestFederation, client: ClientId, policy: Partial<Policy> = {}): Self {
  const { publicKey, secretKey } = ed25519KeyPair(signingKeyOf(client));
  return {
    client,
    signingKey: secretKey,
    verificationKey: publicKey,
    authorityPublicKey: federation.authorityPublicKey,
    policy: { ...defaultPolicy, minCohort: 3, ...policy },
  };
}
