import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever } from "@sotto/base";
import type { Answer } from "@sotto/protocol";
import { type Codec, codec } from "./codec.ts";
import { boundedText, count, cutText, missing, present, retryAfter, wholeWait } from "./fields.ts";
import type { Answer as AnswerMessage, AnswerSchema } from "./gen/sotto/v1/answer_pb.ts";
import { SubmitResponseSchema, UploadContributionResponseSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import { limits } from "./limits.ts";
import { readRefusalCode, writeRefusalCode } from "./refusal-code.ts";

const shape = {
  what: "answer",
  sizeBytesMax: limits.answerSizeBytesMax,
  write: (answer: Answer) => ({ answer: { kind: writeKind(answer) } }),
  read: ({ answer }: { readonly answer?: AnswerMessage | undefined }) => readKind(present(answer, "answer").kind),
};

/** What `Submit` answers. */
export const submitAnswerCodec: Codec<Answer> = codec(SubmitResponseSchema, shape);

/** What `UploadContribution` answers. */
export const uploadAnswerCodec: Codec<Answer> = codec(UploadContributionResponseSchema, shape);

function writeKind(answer: Answer): NonNullable<MessageInitShape<typeof AnswerSchema>["kind"]> {
  switch (answer.kind) {
    case "accepted":
      return { case: "accepted", value: {} };
    case "duplicate":
      return { case: "duplicate", value: {} };
    case "stale":
      return { case: "stale", value: { round: answer.round } };
    case "not-now":
      return { case: "notNow", value: { retryAfterMs: wholeWait(answer.retryAfterMs) } };
    case "refused":
      return {
        case: "refused",
        value: { code: writeRefusalCode(answer.code), message: cutText(answer.message, limits.refusalMessageSizeBytesMax) },
      };
    default:
      return assertNever(answer);
  }
}

function readKind(kind: AnswerMessage["kind"]): Answer {
  switch (kind.case) {
    case "accepted":
      return { kind: "accepted" };
    case "duplicate":
      return { kind: "duplicate" };
    case "stale":
      return { kind: "stale", round: count(kind.value.round, "rounds") };
    case "notNow":
      return { kind: "not-now", retryAfterMs: retryAfter(kind.value.retryAfterMs) };
    case "refused":
      return {
        kind: "refused",
        code: readRefusalCode(kind.value.code),
        message: boundedText(kind.value.message, { sizeBytesMax: limits.refusalMessageSizeBytesMax, what: "refusal" }),
      };
    case undefined:
      return missing("kind of answer");
    default:
      return assertNever(kind);
  }
}
