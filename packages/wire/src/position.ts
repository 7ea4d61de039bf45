import type { MessageInitShape } from "@bufbuild/protobuf";
import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import type { Cursor, InstructionKind, Position } from "@sotto/protocol";
import { type Codec, codec } from "./codec.ts";
import { named, present } from "./fields.ts";
import { NextRequestSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import { type Position as PositionMessage, type PositionSchema, InstructionKind as WireKind } from "./gen/sotto/v1/position_pb.ts";
import { limits } from "./limits.ts";

/** What `Next` asks with: the last instruction taken up, or null for none. */
export const cursorCodec: Codec<Cursor | null> = codec(NextRequestSchema, {
  what: "next request",
  sizeBytesMax: limits.requestSizeBytesMax,
  write: (cursor) => (cursor === null ? {} : { cursor: { position: writePosition(cursor), kind: kinds[cursor.kind] } }),
  read: ({ cursor }) =>
    cursor === undefined ? null : { ...readPosition(cursor.position), kind: named(kinds, cursor.kind, "instruction kind") },
});

/** A position as a message. */
export function writePosition({ task, round, session }: Position): MessageInitShape<typeof PositionSchema> {
  return { task, round, session };
}

/** A position with its ids parsed. @throws FlError `invalid-argument` */
export function readPosition(message: PositionMessage | undefined): Position {
  const { task, round, session } = present(message, "position");
  return { task: parseTaskId(task), round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

const kinds: { readonly [Kind in InstructionKind]: WireKind } = {
  train: WireKind.TRAIN,
  advertise: WireKind.ADVERTISE,
  "share-keys": WireKind.SHARE_KEYS,
  mask: WireKind.MASK,
  attest: WireKind.ATTEST,
  reveal: WireKind.REVEAL,
  "stand-down": WireKind.STAND_DOWN,
};
