import { after, type ClientId, type FederationId, FlError, type Instant, type OperatorId, type Rng } from "@sotto/base";
import { ed25519KeyPair, seedFrom } from "@sotto/crypto";
import { encodeKey } from "./key-text.ts";
import type { RosterClient, RosterOperator } from "./roster.ts";
import { rosterLimits } from "./roster-body.ts";
import { signRoster } from "./signed-roster.ts";
import type { TlsCredentials, TlsRoot } from "./tls-certificate.ts";

/** What a new federation is made of. */
export interface FederationRequest {
  readonly federation: FederationId;
  readonly clients: readonly ClientId[];
  readonly operators: readonly OperatorId[];
  /** DNS names and IP addresses the coordinator is dialled by; at least one. */
  readonly coordinatorNames: readonly string[];
  /** How long certificates and roster hold, in days: 1 to 3650. */
  readonly validDays: number;
  readonly now: Instant;
  /** For identity keys and serial numbers; TLS key pairs come from the operating system in any case. */
  readonly rng: Rng;
}

/** The files of one client, for it alone. */
export interface ClientFiles extends TlsCredentials {
  /** Ed25519 secret key of its identity, as text (see `decodeKey`). */
  readonly identityKey: string;
}

/** Every file of a new federation, by who may hold it. */
export interface FederationFiles {
  /** For everybody: pinned by each client. Text. */
  readonly authorityPublicKey: string;
  /** For the authority alone, offline. Text. */
  readonly authoritySecretKey: string;
  /** For everybody. PEM. */
  readonly tlsRootCertificate: string;
  /** For the authority alone, offline: whoever has it can make certificates. PEM. */
  readonly tlsRootPrivateKey: string;
  readonly coordinator: TlsCredentials;
  readonly clients: ReadonlyMap<ClientId, ClientFiles>;
  readonly operators: ReadonlyMap<OperatorId, TlsCredentials>;
  /** For everybody: version 1, signed. */
  readonly roster: Uint8Array;
}

/**
 * Keys, certificates and the first roster of a new federation. Everything secret is in the result and nowhere else.
 * @throws FlError `invalid-argument` for an id that stands twice, too many of them, a bad name, or a validity outside its bounds
 */
export async function createFederation(request: FederationRequest): Promise<FederationFiles> {
  assertRequest(request);
  const { federation, rng, now, validDays } = request;
  const validUntil = after(now, validDays * dayMs);
  const { createTlsRoot } = await import("./tls-certificate.ts"); // only here: the X.509 library takes 0.3 s to load
  const root = await createTlsRoot({ federation, rng, validFrom: after(now, -clockSkewMs), validUntil });
  const authority = ed25519KeyPair(seedFrom(rng));
  const coordinator = await root.issue({ kind: "coordinator", names: request.coordinatorNames });
  const clients = await enrolClients({ root, rng, ids: request.clients });
  const operators = await enrolOperators(root, request.operators);
  const roster = signRoster(
    { federation, version: 1, expiresAt: validUntil, clients: clients.entries, operators: operators.entries },
    authority.secretKey,
  );
  return {
    authorityPublicKey: encodeKey("authority-public-key", authority.publicKey),
    authoritySecretKey: encodeKey("authority-secret-key", authority.secretKey),
    tlsRootCertificate: root.certificate,
    tlsRootPrivateKey: root.privateKey,
    coordinator: { certificate: coordinator.certificate, privateKey: coordinator.privateKey },
    clients: clients.files,
    operators: operators.files,
    roster,
  };
}

const dayMs = 24 * 3600 * 1000;
/** Certificates begin this much before they are made, for machines whose clocks are behind. */
const clockSkewMs = 3600 * 1000;

interface Enrolled<Id, Entry, Files> {
  readonly entries: readonly Entry[];
  readonly files: ReadonlyMap<Id, Files>;
}

async function enrolClients(from: {
  readonly root: TlsRoot;
  readonly rng: Rng;
  readonly ids: readonly ClientId[];
}): Promise<Enrolled<ClientId, RosterClient, ClientFiles>> {
  const entries: RosterClient[] = [];
  const files = new Map<ClientId, ClientFiles>();
  for (const id of [...from.ids].sort()) {
    const { certificate, privateKey, fingerprint } = await from.root.issue({ kind: "client", id });
    const identity = ed25519KeyPair(seedFrom(from.rng));
    entries.push({ id, verificationKey: identity.publicKey, certificateFingerprint: fingerprint, labels: [] });
    files.set(id, { certificate, privateKey, identityKey: encodeKey("identity-secret-key", identity.secretKey) });
  }
  return { entries, files };
}

async function enrolOperators(root: TlsRoot, ids: readonly OperatorId[]): Promise<Enrolled<OperatorId, RosterOperator, TlsCredentials>> {
  const entries: RosterOperator[] = [];
  const files = new Map<OperatorId, TlsCredentials>();
  for (const id of [...ids].sort()) {
    const { certificate, privateKey, fingerprint } = await root.issue({ kind: "operator", id });
    entries.push({ id, certificateFingerprint: fingerprint });
    files.set(id, { certificate, privateKey });
  }
  return { entries, files };
}

/** Before the keys are made: a mistake should not cost ten thousand of them. */
function assertRequest({ clients, operators, validDays }: FederationRequest): void {
  if (!Number.isInteger(validDays) || validDays < 1 || validDays > 3650) {
    throw new FlError("invalid-argument", `validity of ${validDays} days must be a whole number from 1 to 3650`);
  }
  assertIds("clients", clients, rosterLimits.clientCountMax);
  assertIds("operators", operators, rosterLimits.operatorCountMax);
}

function assertIds(what: string, ids: readonly string[], countMax: number): void {
  if (ids.length > countMax) throw new FlError("invalid-argument", `${ids.length} ${what} are above ${countMax}`);
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw new FlError("invalid-argument", `${what} must differ and ${id} stands twice`);
    seen.add(id);
  }
}
