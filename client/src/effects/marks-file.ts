import {
  type ClientId,
  type Digest,
  equalBytes,
  FlError,
  instant,
  parseClientId,
  parseDigest,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  parseTaskId,
} from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { canonicalJson, type Json, parsedText, parseJson, type Schema, schema } from "@sotto/schema";
import { type Attested, type Mark, markedTasksMax, type Place } from "../guard/position-guard.ts";
import type { Remembered } from "../round/state.ts";

/** Whose marks they are: those of another client or federation bind nobody. */
export interface MarksOwner {
  readonly client: ClientId;
  /** SHA-256 of the Ed25519 public key of the federation authority. */
  readonly authority: Digest;
}

/** The bytes of a client's marks: canonical JSON, its own digest in it, and nothing secret. */
export function encodeMarks({ client, authority }: MarksOwner, { marks, seenRoster, leftAt, isInRound }: Remembered): Uint8Array {
  const tasks = [...marks].map(([task, mark]) => ({ task, ...mark }));
  const sorted = tasks.sort((a, b) => (a.task < b.task ? -1 : 1));
  const content = { version: 1, client, authority, seenRoster, leftAt, isInRound, tasks: sorted } as unknown as { [key: string]: Json };
  return canonicalJson({ ...content, digest: sha256Digest(canonicalJson(content)) });
}

/**
 * Reads what {@link encodeMarks} wrote; `what` names the bytes in messages.
 * @throws FlError `data-loss` when they say anything else, `failed-precondition` when they are of another client or federation
 */
export function decodeMarks(bytes: Uint8Array, owner: MarksOwner, what: string): Remembered {
  const { client, authority, tasks, seenRoster, leftAt, isInRound } = parseMarks(bytes, what);
  if (client !== owner.client) throw new FlError("failed-precondition", `${what} holds marks of client ${client}, not of ${owner.client}`);
  if (authority !== owner.authority) {
    throw new FlError("failed-precondition", `${what} holds marks of a federation with another authority key (${authority})`);
  }
  const marks = new Map(tasks.map(({ task, ...mark }) => [task, mark]));
  const remembered = { marks, seenRoster, leftAt: leftAt === null ? null : instant(leftAt), isInRound };
  // One digit lost to a bad disk would be a lower mark: the digest that is written anew must be the one that was read.
  if (!equalBytes(encodeMarks(owner, remembered), bytes)) throw new FlError("data-loss", `${what} is not as it was written`);
  return remembered;
}

function parseMarks(bytes: Uint8Array, what: string): MarksFile {
  try {
    return parseJson(fileSchema, bytes, what);
  } catch (cause) {
    if (!(cause instanceof FlError)) throw cause;
    throw new FlError("data-loss", cause.message, { cause });
  }
}

interface MarksFile extends MarksOwner {
  readonly version: 1;
  /** SHA-256 of the file without this field. */
  readonly digest: Digest;
  readonly seenRoster: Remembered["seenRoster"];
  readonly leftAt: number | null;
  readonly isInRound: boolean;
  readonly tasks: readonly ({ readonly task: ReturnType<typeof parseTaskId> } & Mark)[];
}

const count = (min: number) =>
  schema
    .number()
    .int()
    .min(min)
    .max(2 ** 31 - 1);
const place = { round: count(1).transform(parseRoundNumber), session: count(0).transform(parseSessionNumber) };
const placeSchema: Schema<Place> = schema.strictObject(place);
const attestedSchema: Schema<Attested> = schema.strictObject({ ...place, survivorsDigest: parsedText(parseDigest) });

const fileSchema: Schema<MarksFile> = schema.strictObject({
  version: schema.literal(1),
  digest: parsedText(parseDigest),
  client: parsedText(parseClientId),
  authority: parsedText(parseDigest),
  seenRoster: schema
    .strictObject({ federation: parsedText(parseFederationId), version: schema.number().int().min(1), digest: parsedText(parseDigest) })
    .nullable(),
  leftAt: schema.number().nullable(),
  isInRound: schema.boolean(),
  tasks: schema
    .array(
      schema.strictObject({
        task: parsedText(parseTaskId),
        offered: placeSchema,
        entered: placeSchema.nullable(),
        spentRound: count(0),
        attested: attestedSchema.nullable(),
      }),
    )
    .max(markedTasksMax),
});
