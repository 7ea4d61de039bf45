import { type ClientId, instant, parseClientId, parseFederationId, parseTaskId, utf8 } from "@sotto/base";
import { defaultPolicy, type LocalContribution, type Policy } from "@sotto/client";
import { type Ed25519KeyPair, ed25519KeyPair, sha256, sha256Digest } from "@sotto/crypto";
import { parseRoster, type Roster, type RosterBody, signRoster } from "@sotto/identity";
import { encodePlan, type Plan } from "@sotto/protocol";
import { encodeModel, toUpdate } from "@sotto/vector";
import { knownContribution, knownModel, knownTask } from "../aggregate/known-updates.ts";

// Who is attacked: seven hospitals with the default policy of a data owner, under a plan that is exactly as strong as it asks for. Of seven, two may
// drop and one may be corrupt: four shares rebuild a secret, five signatures are a quorum, and five contributions the least sum.

/** Ascending. */
export const hospitals: readonly ClientId[] = Array.from({ length: 7 }, (_, index) => parseClientId(`hospital-${index + 1}`));

/** The one that is lied to. */
export const victim: ClientId = hospitals[2]!;

/** Two that come after it in the cohort. */
export const other: ClientId = hospitals[4]!;
export const another: ClientId = hospitals[5]!;

/** What a data owner grants who says nothing. */
export const policy: Policy = defaultPolicy;

const { version: _, name: _name, rounds: _rounds, cohort: _cohort, ...rest } = knownTask;
const { serverOptimizer: _optimizer, whenAbandoned: _when, abandonedMax: _max, ...parts } = rest;

/** The plan of every honest session. */
export const plan: Plan = {
  version: 1,
  task: parseTaskId("attacked.1"),
  purpose: "train",
  ...parts,
  aggregation: { ...parts.aggregation, cohortSizeMin: 5, gamma: 0.2, delta: 0.3 },
};

/** Its bytes. */
export const planBytes: Uint8Array = encodePlan(plan);

/** The model every honest round begins with, as it travels. */
export const modelBytes: Uint8Array = encodeModel(knownModel);

const identities: ReadonlyMap<ClientId, Ed25519KeyPair> = new Map(hospitals.map((client) => [client, identityFor(client)]));

/** The Ed25519 identity of a client, enrolled or not: a hash of its name. */
export function identityOf(client: ClientId): Ed25519KeyPair {
  return identities.get(client) ?? identityFor(client);
}

function identityFor(client: ClientId): Ed25519KeyPair {
  return ed25519KeyPair(sha256(utf8(`identity of ${client}`)));
}

/** What a client contributes: fixed, so that a test knows every sum. */
export function contributionOf(client: ClientId): LocalContribution {
  const { update, ...known } = knownContribution(hospitals.indexOf(client));
  return { ...known, update: update === null ? null : toUpdate(Float32Array.from(update)) };
}

/** The federation authority: its public key is pinned by every client. */
export const authority: Ed25519KeyPair = ed25519KeyPair(sha256(utf8("the authority")));

/** A roster and the file that holds it. */
export interface SignedRoster {
  readonly bytes: Uint8Array;
  readonly roster: Roster;
}

/** The roster of the hospitals. */
export const honestRoster: SignedRoster = rosterWith({});

/** The roster of the hospitals with parts of it changed, signed by the authority. */
export function rosterWith(change: Partial<RosterBody>): SignedRoster {
  return signedBy(authority, change);
}

/** As {@link rosterWith}, signed by somebody else. */
export function signedBy(signer: Ed25519KeyPair, change: Partial<RosterBody> = {}): SignedRoster {
  const body: RosterBody = {
    federation: parseFederationId("attacked"),
    version: 2,
    expiresAt: instant(Date.UTC(2030, 0, 1)),
    clients: hospitals.map(enrolled),
    operators: [],
    ...change,
  };
  const bytes = signRoster(body, signer.secretKey);
  const parsed = parseRoster(bytes, signer.publicKey);
  if (parsed.kind === "refused") throw new TypeError(parsed.refusal.message);
  return { bytes, roster: parsed.value };
}

/** A client's line in a roster. */
export function enrolled(id: ClientId): RosterBody["clients"][number] {
  const certificateFingerprint = sha256Digest(utf8(`certificate of ${id}`));
  return { id, verificationKey: identityOf(id).publicKey, certificateFingerprint, labels: [] };
}
