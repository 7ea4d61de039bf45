import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever } from "@sotto/base";
import type { Position, Submission } from "@sotto/protocol";
import { type Codec, codec } from "./codec.ts";
import { boundedText, cutText, missing, present, signature } from "./fields.ts";
import { SubmitRequestSchema } from "./gen/sotto/v1/coordinator_service_pb.ts";
import type { Submission as SubmissionMessage, SubmissionSchema } from "./gen/sotto/v1/submission_pb.ts";
import { limits } from "./limits.ts";
import { readPosition, writePosition } from "./position.ts";
import { readAdvert, readBundle, readReveal, writeAdvert, writeBundle, writeReveal } from "./secagg.ts";

/** What `Submit` carries. */
export const submissionCodec: Codec<Submission> = codec(SubmitRequestSchema, {
  what: "submission",
  sizeBytesMax: limits.submissionSizeBytesMax,
  write: (submission) => ({ submission: { position: writePosition(submission.position), kind: writeKind(submission) } }),
  read: (message) => {
    const submission = present(message.submission, "submission");
    return readKind(readPosition(submission.position), submission.kind);
  },
});

function writeKind(submission: Submission): NonNullable<MessageInitShape<typeof SubmissionSchema>["kind"]> {
  switch (submission.kind) {
    case "ready":
      return { case: "ready", value: {} };
    case "advert":
      return { case: "advert", value: writeAdvert(submission.advert) };
    case "shares":
      return { case: "shares", value: writeBundle(submission.bundle) };
    case "attestation":
      return { case: "attestation", value: { signature: submission.signature } };
    case "reveal":
      return { case: "reveal", value: writeReveal(submission.reveal) };
    case "withdrawal":
      return { case: "withdrawal", value: { reason: cutText(submission.reason, limits.reasonSizeBytesMax) } };
    default:
      return assertNever(submission);
  }
}

function readKind(position: Position, kind: SubmissionMessage["kind"]): Submission {
  switch (kind.case) {
    case "ready":
      return { kind: "ready", position };
    case "advert":
      return { kind: "advert", position, advert: readAdvert(kind.value) };
    case "shares":
      return { kind: "shares", position, bundle: readBundle(kind.value) };
    case "attestation":
      return { kind: "attestation", position, signature: signature(kind.value.signature) };
    case "reveal":
      return { kind: "reveal", position, reveal: readReveal(kind.value) };
    case "withdrawal":
      return {
        kind: "withdrawal",
        position,
        reason: boundedText(kind.value.reason, { sizeBytesMax: limits.reasonSizeBytesMax, what: "reason" }),
      };
    case undefined:
      return missing("kind of submission");
    default:
      return assertNever(kind);
  }
}
