import { FlError, instant, parseClientId, parseDigest, parseFederationId, parseOperatorId, toHex } from "@sotto/base";
import { canonicalJson, parsedText, parseJson, type Schema, schema } from "@sotto/schema";
import { fromBase64url, toBase64url } from "./base64url.ts";
import type { RosterBody } from "./roster.ts";

/** Most clients, operators, and labels of a client. */
export const rosterLimits = { clientCountMax: 10_000, operatorCountMax: 1_000, labelCountMax: 16 } as const;

/** The canonical JSON the authority signs. */
export function encodeRosterBody(body: RosterBody): Uint8Array {
  return canonicalJson({
    format,
    federation: body.federation,
    version: body.version,
    expiresAtMs: body.expiresAt,
    clients: body.clients.map(({ id, verificationKey, certificateFingerprint, labels }) => ({
      id,
      verificationKey: toBase64url(verificationKey),
      certificateFingerprint,
      labels,
    })),
    operators: body.operators.map(({ id, certificateFingerprint }) => ({ id, certificateFingerprint })),
  });
}

/**
 * The body in canonical JSON, with every rule of a roster checked: sizes, order, and that no id, key or fingerprint stands twice.
 * @throws FlError `invalid-argument` naming what is wrong
 */
export function decodeRosterBody(bytes: Uint8Array): RosterBody {
  const { format: _, expiresAtMs, ...rest } = parseJson(bodySchema, bytes, "roster");
  const body = { ...rest, expiresAt: instant(expiresAtMs) };
  assertAscending("client ids", ids(body.clients));
  assertAscending("operator ids", ids(body.operators));
  for (const { id, labels } of body.clients) assertAscending(`labels of ${id}`, labels);
  assertDistinct(
    "verification keys",
    body.clients.map(({ verificationKey }) => toHex(verificationKey)),
  );
  assertDistinct(
    "certificate fingerprints",
    [...body.clients, ...body.operators].map(({ certificateFingerprint }) => certificateFingerprint),
  );
  return body;
}

const format = "sotto-roster/1";
const labelPattern = /^[a-z0-9](?:[a-z0-9._=-]{0,61}[a-z0-9])?$/;
const fingerprint = parsedText(parseDigest);

const clientSchema = schema.strictObject({
  id: parsedText(parseClientId),
  verificationKey: schema.string().max(43).transform(parseKey),
  certificateFingerprint: fingerprint,
  labels: schema.array(schema.string().regex(labelPattern)).max(rosterLimits.labelCountMax),
});

const operatorSchema = schema.strictObject({
  id: parsedText(parseOperatorId),
  certificateFingerprint: fingerprint,
});

type WrittenBody = Omit<RosterBody, "expiresAt"> & { readonly format: typeof format; readonly expiresAtMs: number };

const bodySchema: Schema<WrittenBody> = schema.strictObject({
  format: schema.literal(format),
  federation: parsedText(parseFederationId),
  version: schema
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  expiresAtMs: schema.number().int().min(0).max(8.64e15),
  clients: schema.array(clientSchema).max(rosterLimits.clientCountMax),
  operators: schema.array(operatorSchema).max(rosterLimits.operatorCountMax),
});

function parseKey(text: string): Uint8Array {
  const key = fromBase64url(text);
  if (key?.length !== 32) throw new FlError("invalid-argument", "a verification key must be 32 bytes in base64url");
  return key;
}

function ids(entries: readonly { readonly id: string }[]): readonly string[] {
  return entries.map(({ id }) => id);
}

/** Strictly ascending by code unit: sorted, and nothing twice. */
function assertAscending(what: string, names: readonly string[]): void {
  const at = names.findIndex((name, i) => i > 0 && name <= names[i - 1]!);
  if (at >= 0) throw new FlError("invalid-argument", `${what} must ascend and ${names[at]} follows ${names[at - 1]}`);
}

function assertDistinct(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new FlError("invalid-argument", `${what} must differ and ${name} stands twice`);
    seen.add(name);
  }
}
