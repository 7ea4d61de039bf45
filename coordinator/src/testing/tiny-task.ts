import {
  type ClientId,
  type Digest,
  type FederationId,
  instant,
  parseClientId,
  parseFederationId,
  parseOperatorId,
  parseTaskId,
  utf8,
} from "@sotto/base";
import { ed25519KeyPair, sha256, sha256Digest } from "@sotto/crypto";
import { signRoster } from "@sotto/identity";
import type { TaskSpec } from "@sotto/protocol";
import { tinyTaskSpec } from "@sotto/protocol/contract";
import { type EnrolledKeys, rememberingVerifiers } from "@sotto/secagg";
import { toUpdate } from "@sotto/vector";
import { assertFeasible, clientsMinOf, plansOf } from "../task/plan.ts";
import type { TaskSetup } from "../task/state.ts";
import type { Lie } from "./lies.ts";
import { createPeer, type Peer } from "./peer.ts";

/** A federation of hospitals with a task of three parameters, for tests. */
export interface TinyFederation {
  readonly federation: FederationId;
  readonly clients: readonly ClientId[];
  readonly enrolled: EnrolledKeys;
  /** The signed file that lists them, and operator `admin`. */
  readonly rosterBytes: Uint8Array;
  readonly authorityPublicKey: Uint8Array;
  /** Honest without a lie. */
  peer(client: ClientId, lie?: Lie): Peer;
}

/** A task over a model of three parameters; `change` replaces parts of it. */
export function tinySpec(change: Partial<TaskSpec> = {}): TaskSpec {
  return { ...tinyTaskSpec, ...change };
}

/** `count` hospitals, `ward-0` and on; client i contributes (i + 1) / 100 in every coordinate with weight 100 and 10 held-back rows. */
export function tinyFederation(count: number): TinyFederation {
  const clients = Array.from({ length: count }, (_, i) => parseClientId(`ward-${String(i).padStart(String(count - 1).length, "0")}`));
  const pairs = new Map(clients.map((client) => [client, ed25519KeyPair(sha256(utf8(client)))]));
  const enrolled: EnrolledKeys = { verificationKey: (client) => pairs.get(client)?.publicKey ?? null };
  const verifierOf = rememberingVerifiers();
  const federation = parseFederationId("tiny");
  const authority = ed25519KeyPair(sha256(utf8("authority")));
  const members = clients.map((id) => ({
    id,
    verificationKey: pairs.get(id)?.publicKey ?? new Uint8Array(32),
    certificateFingerprint: tinyDigest(id),
    labels: [],
  }));
  const operators = [{ id: parseOperatorId("admin"), certificateFingerprint: tinyDigest("admin") }];
  const body = { federation, version: 1, expiresAt: instant(2_000_000_000_000), clients: members, operators };
  return {
    federation,
    clients,
    enrolled,
    rosterBytes: signRoster(body, authority.secretKey),
    authorityPublicKey: authority.publicKey,
    peer(client, lie) {
      const index = clients.indexOf(client);
      const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
      const update = toUpdate(new Float32Array(3).fill((index + 1) / 100));
      const { secretKey } = pairs.get(client) ?? ed25519KeyPair(sha256(utf8(client)));
      return createPeer({
        client,
        signingKey: secretKey,
        enrolled,
        verifierOf,
        contribution: { update, weight: 100, metrics },
        lie: lie ?? null,
      });
    },
  };
}

/** What `endpoints/admin.ts` makes of a submitted task. */
export function tinySetup(federation: TinyFederation, spec: TaskSpec): TaskSetup {
  assertFeasible(spec);
  const task = parseTaskId("tiny.1");
  return {
    task,
    spec,
    federation: federation.federation,
    rosterDigest: tinyDigest("roster"),
    enrolled: federation.enrolled,
    roster: federation.clients,
    clientsMin: clientsMinOf(spec),
    modelSizeBytes: 12,
    plans: plansOf(spec, task),
  };
}

/** Some digest. */
export function tinyDigest(text: string): Digest {
  return sha256Digest(utf8(text));
}
