import { fromHex, parseClientId, parseDigest, parseFederationId, parseRoundNumber, parseSessionNumber } from "@sotto/base";
import { parsedText, type Schema, schema } from "@sotto/schema";
import { cohortSizeMax, type Evidence, type SessionContext } from "@sotto/secagg";

// What may stand in a file of evidence. Bytes are lowercase hexadecimal, every one of its one length or within a maximum.

/** Levels of a Merkle tree over one leaf a client of the largest cohort, and one more leaf. */
const pathMax = 14;

/** Fields of the longest statement, and the bytes of the longest field: complaints of everybody in the largest cohort. */
const fieldsMax = 6;
const fieldSizeBytesMax = 4 * cohortSizeMax;

const hex = /^(?:[0-9a-f]{2})*$/;
const bytes = (sizeBytes: number): Schema<Uint8Array> =>
  schema
    .string()
    .length(2 * sizeBytes)
    .regex(hex)
    .transform(fromHex);
const count = (min: number, max: number) => schema.number().int().min(min).max(max);

const digest = parsedText(parseDigest);
const hash = bytes(32);
const signature = bytes(64);
const index = count(0, cohortSizeMax - 1);
const secretKind = schema.enum(["self", "mask"]);

const accusation = { contextDigest: hash, accused: parsedText(parseClientId) };
const place = { position: count(0, cohortSizeMax), leafCount: count(1, cohortSizeMax + 1), path: schema.array(hash).max(pathMax) };
const provenLeaf = { ...place, leaf: bytes(64), envelope: schema.union([bytes(0), bytes(80)]) };

const signedFields = schema.strictObject({
  fields: schema
    .array(
      schema
        .string()
        .max(2 * fieldSizeBytesMax)
        .regex(hex)
        .transform(fromHex),
    )
    .min(1)
    .max(fieldsMax),
  signature,
});

const bundle = schema.strictObject({
  cohortDigest: hash,
  dealer: index,
  threshold: count(1, cohortSizeMax),
  holdersDigest: hash,
  selfSeedDigest: hash,
  root: hash,
  signature,
});

const header = schema.strictObject({
  contributionDigest: digest,
  complaints: schema.array(index).max(cohortSizeMax),
  heldRoot: hash,
  dealersDigest: hash,
  signature,
});

const reveal = schema.strictObject({
  ...place,
  survivorsDigest: hash,
  signature,
  revealed: schema.strictObject({ owner: index, kind: secretKind, share: hash }),
});

/** Reads evidence of each kind. */
export const evidenceSchema: Schema<Evidence> = schema.discriminatedUnion("kind", [
  schema.strictObject({
    kind: schema.literal("equivocation"),
    ...accusation,
    label: schema.enum(["adv", "shr", "msk", "con", "rev"]),
    first: signedFields,
    second: signedFields,
  }),
  schema.strictObject({ kind: schema.literal("false-seed"), ...accusation, bundle, reveal }),
  schema.strictObject({
    kind: schema.literal("false-share"),
    ...accusation,
    dealer: parsedText(parseClientId),
    bundle,
    dealt: schema.strictObject(provenLeaf),
    holder: index,
    header,
    held: schema.strictObject(place),
    reveal,
  }),
  schema.strictObject({
    kind: schema.literal("inconsistent-shares"),
    ...accusation,
    bundle,
    advert: schema.strictObject({ client: parsedText(parseClientId), maskKey: hash, envelopeKey: hash, signature }),
    secret: secretKind,
    shares: schema
      .array(schema.strictObject({ ...provenLeaf, holder: index, share: hash }))
      .min(1)
      .max(cohortSizeMax),
  }),
]);

/** Reads the context of a session. */
export const contextSchema: Schema<SessionContext> = schema.strictObject({
  federation: parsedText(parseFederationId),
  rosterDigest: digest,
  planDigest: digest,
  modelDigest: digest,
  round: count(1, 2 ** 31 - 1).transform(parseRoundNumber),
  session: count(0, 2 ** 31 - 1).transform(parseSessionNumber),
});
