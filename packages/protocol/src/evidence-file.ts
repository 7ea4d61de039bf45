import {
  type ClientId,
  type Digest,
  equalBytes,
  type FederationId,
  FlError,
  type Outcome,
  type Refusal,
  refused,
  toHex,
} from "@sotto/base";
import { ed25519Verifier } from "@sotto/crypto";
import { canonicalJson, type Json, parseJson, type Schema, schema } from "@sotto/schema";
import { contextDigest, type Evidence, type EvidenceRefusal, type SessionContext, verifyEvidence } from "@sotto/secagg";
import { contextSchema, evidenceSchema } from "./evidence-schema.ts";

/** What convicts a client, as the coordinator keeps it and anybody with the roster checks it (SECAGG 2.10). */
export interface EvidenceFile {
  readonly version: 1;
  /** Of the session that the accused lied in: its digest is the one in the evidence. */
  readonly context: SessionContext;
  readonly evidence: Evidence;
}

/** What of a roster evidence is held against: the `Roster` of `identity` is one. Its expiry does not count, for the statements are of the past. */
export interface EvidenceRoster {
  readonly federation: FederationId;
  readonly digest: Digest;
  readonly clients: readonly { readonly id: ClientId; readonly verificationKey: Uint8Array }[];
}

/** Why a file of evidence convicts nobody. */
export type EvidenceFileRefusal =
  /** The session was under another roster, or of another federation. */
  | Refusal<"roster-mismatch">
  /** The evidence is not of the session that the file says. */
  | Refusal<"context-mismatch">
  | EvidenceRefusal;

/** 1 MiB. The longest file that is read: inconsistent shares at the largest threshold of SECAGG 2.6, 127, take 150 KB. */
export const evidenceFileSizeBytesMax: number = 1_048_576;

/** The one text of a file: canonical JSON, bytes in lowercase hexadecimal. */
export function encodeEvidenceFile(file: EvidenceFile): Uint8Array {
  return canonicalJson(jsonOf(file));
}

/** @throws FlError `invalid-argument` naming every mistake; a text that is not the one of what it says is one */
export function parseEvidenceFile(bytes: Uint8Array): EvidenceFile {
  if (bytes.length > evidenceFileSizeBytesMax) {
    throw new FlError("invalid-argument", `evidence of ${bytes.length} bytes is over ${evidenceFileSizeBytesMax}`);
  }
  const file = parseJson(fileSchema, bytes, "evidence");
  if (equalBytes(encodeEvidenceFile(file), bytes)) return file;
  throw new FlError("invalid-argument", `evidence of ${bytes.length} bytes is not canonical JSON`);
}

/**
 * Gives the convicted client when the file holds against the roster of its session. Who made the file does not matter: it is worth what the
 * signatures in it are worth.
 */
export function checkEvidenceFile(
  { context, evidence }: EvidenceFile,
  { roster }: { readonly roster: EvidenceRoster },
): Outcome<ClientId, EvidenceFileRefusal> {
  if (context.rosterDigest !== roster.digest) {
    return refused(
      "roster-mismatch",
      `the session was under the roster with digest ${context.rosterDigest}, and this one has ${roster.digest}`,
    );
  }
  if (context.federation !== roster.federation) {
    return refused(
      "roster-mismatch",
      `the session is said to be of federation ${context.federation}, and the roster is of ${roster.federation}`,
    );
  }
  if (!equalBytes(contextDigest(context), evidence.contextDigest)) {
    return refused("context-mismatch", `the evidence is not of round ${context.round}, session ${context.session} as the file says`);
  }
  const keys = new Map(roster.clients.map(({ id, verificationKey }) => [id, verificationKey]));
  return verifyEvidence(evidence, (client) => {
    const key = keys.get(client);
    return key === undefined ? null : ed25519Verifier(key);
  });
}

const fileSchema: Schema<EvidenceFile> = schema.strictObject({
  version: schema.literal(1),
  context: contextSchema,
  evidence: evidenceSchema,
});

function jsonOf(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value !== "object" || value === null) throw new FlError("invalid-argument", `evidence cannot hold a ${typeof value}`);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]));
}
