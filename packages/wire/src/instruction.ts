import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, digestBytes, digestFromBytes } from "@sotto/base";
import type { Instruction, TrainInstruction } from "@sotto/protocol";
import { type Codec, codec } from "./codec.ts";
import { boundedList, boundedText, cutText, missing, present, retryAfter, someBytes, wholeWait, wideCount } from "./fields.ts";
import { NextResponseSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import type {
  AttestInstruction,
  AttestInstructionSchema,
  Instruction as InstructionMessage,
  InstructionSchema,
  MaskInstruction,
  MaskInstructionSchema,
  RevealInstruction,
  RevealInstructionSchema,
  StandDownInstruction,
  StandDownInstructionSchema,
  TrainInstructionSchema,
  TrainInstruction as TrainMessage,
} from "./gen/sotto/v1/instruction_pb.ts";
import { limits } from "./limits.ts";
import { readPosition, writePosition } from "./position.ts";
import {
  readAdvert,
  readConsistencySignature,
  readContext,
  readDealt,
  readMembers,
  readSignedHeader,
  writeAdvert,
  writeContext,
  writeDealt,
  writeSignedHeader,
} from "./secagg.ts";

/** What `Next` answers. */
export const instructionCodec: Codec<Instruction> = codec(NextResponseSchema, {
  what: "instruction",
  sizeBytesMax: limits.messageSizeBytesMax,
  write: (instruction) => ({ instruction: { kind: writeKind(instruction) } }),
  read: ({ instruction }) => readKind(present(instruction, "instruction").kind),
});

type Kind = InstructionMessage["kind"];
type KindInit = NonNullable<MessageInitShape<typeof InstructionSchema>["kind"]>;
type Member<Name extends Instruction["kind"]> = Extract<Instruction, { kind: Name }>;

function writeKind(instruction: Instruction): KindInit {
  switch (instruction.kind) {
    case "unchanged":
      return { case: "unchanged", value: {} };
    case "idle":
      return { case: "idle", value: { retryAfterMs: wholeWait(instruction.retryAfterMs) } };
    case "stand-down":
      return { case: "standDown", value: writeStandDown(instruction) };
    case "train":
      return { case: "train", value: writeTrain(instruction) };
    case "advertise":
      return { case: "advertise", value: { position: writePosition(instruction.position), context: writeContext(instruction.context) } };
    case "share-keys":
      return { case: "shareKeys", value: { position: writePosition(instruction.position), adverts: instruction.adverts.map(writeAdvert) } };
    case "mask":
      return { case: "mask", value: writeMask(instruction) };
    case "attest":
      return { case: "attest", value: writeAttest(instruction) };
    case "reveal":
      return { case: "reveal", value: writeReveal(instruction) };
    default:
      return assertNever(instruction);
  }
}

function readKind(kind: Kind): Instruction {
  switch (kind.case) {
    case "unchanged":
      return { kind: "unchanged" };
    case "idle":
      return { kind: "idle", retryAfterMs: retryAfter(kind.value.retryAfterMs) };
    case "standDown":
      return readStandDown(kind.value);
    case "train":
      return readTrain(kind.value);
    case "advertise":
      return { kind: "advertise", position: readPosition(kind.value.position), context: readContext(kind.value.context) };
    case "shareKeys":
      return {
        kind: "share-keys",
        position: readPosition(kind.value.position),
        adverts: ofCohort(kind.value.adverts, "adverts", readAdvert),
      };
    case "mask":
      return readMask(kind.value);
    case "attest":
      return readAttest(kind.value);
    case "reveal":
      return readReveal(kind.value);
    case undefined:
      return missing("kind of instruction");
    default:
      return assertNever(kind);
  }
}

function writeStandDown({ position, reason, retryAfterMs }: Member<"stand-down">): MessageInitShape<typeof StandDownInstructionSchema> {
  return { position: writePosition(position), reason: cutText(reason, limits.reasonSizeBytesMax), retryAfterMs: wholeWait(retryAfterMs) };
}

function readStandDown(message: StandDownInstruction): Instruction {
  return {
    kind: "stand-down",
    position: readPosition(message.position),
    reason: boundedText(message.reason, { sizeBytesMax: limits.reasonSizeBytesMax, what: "reason" }),
    retryAfterMs: retryAfter(message.retryAfterMs),
  };
}

function writeTrain(instruction: TrainInstruction): MessageInitShape<typeof TrainInstructionSchema> {
  return {
    position: writePosition(instruction.position),
    plan: instruction.plan,
    modelDigest: digestBytes(instruction.modelDigest),
    modelSizeBytes: BigInt(instruction.modelSizeBytes),
    rosterDigest: digestBytes(instruction.rosterDigest),
  };
}

function readTrain(message: TrainMessage): TrainInstruction {
  return {
    kind: "train",
    position: readPosition(message.position),
    plan: someBytes(message.plan, { sizeBytesMax: limits.planSizeBytesMax, what: "plan" }),
    modelDigest: digestFromBytes(message.modelDigest),
    modelSizeBytes: wideCount(message.modelSizeBytes, { max: limits.modelSizeBytesMax, what: "bytes of a model" }),
    rosterDigest: digestFromBytes(message.rosterDigest),
  };
}

function writeMask({ position, request }: Member<"mask">): MessageInitShape<typeof MaskInstructionSchema> {
  return { position: writePosition(position), dealers: request.dealers, dealt: request.dealt.map(writeDealt) };
}

function readMask(message: MaskInstruction): Instruction {
  const dealt = boundedList(message.dealt, { countMax: limits.holdersMax, what: "dealt shares" }, readDealt);
  return { kind: "mask", position: readPosition(message.position), request: { dealers: readMembers(message.dealers, "dealers"), dealt } };
}

function writeAttest({ position, request }: Member<"attest">): MessageInitShape<typeof AttestInstructionSchema> {
  return { position: writePosition(position), survivors: request.survivors };
}

function readAttest(message: AttestInstruction): Instruction {
  return { kind: "attest", position: readPosition(message.position), request: { survivors: readMembers(message.survivors, "survivors") } };
}

function writeReveal({ position, request }: Member<"reveal">): MessageInitShape<typeof RevealInstructionSchema> {
  const { signatures, headers } = request;
  return { position: writePosition(position), signatures: [...signatures], headers: headers.map(writeSignedHeader) };
}

function readReveal(message: RevealInstruction): Instruction {
  const signatures = ofCohort(message.signatures, "signatures", readConsistencySignature);
  const headers = boundedList(message.headers, { countMax: limits.holdersMax, what: "headers" }, readSignedHeader);
  return { kind: "reveal", position: readPosition(message.position), request: { signatures, headers } };
}

function ofCohort<M, T>(items: readonly M[], what: string, read: (item: M) => T): T[] {
  return boundedList(items, { countMax: limits.cohortSizeMax, what }, read);
}
