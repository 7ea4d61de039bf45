import { assertNever, type ClientId, FlError } from "@sotto/base";
import type { Answer, CoordinatorFace, Position, Submission } from "@sotto/protocol";
import type { ClientWord } from "../command.ts";
import type { Loop } from "../loop.ts";

/** When to try again after the queue was full. */
const fullRetryMs = 1_000;

/** A client's submissions. */
export function createSubmit(loop: Loop, client: ClientId): CoordinatorFace["submit"] {
  return (submission) => say(loop, submission.position, wordOf(client, submission));
}

/** Says a word to the loop; a full queue and a shutdown become answers. */
export async function say(loop: Loop, position: Position, word: ClientWord): Promise<Answer> {
  try {
    const answer = await loop.submit({ kind: "word", position, word });
    if (answer !== null) return answer;
  } catch (error) {
    if (error instanceof FlError && error.code === "resource-exhausted") return { kind: "not-now", retryAfterMs: fullRetryMs };
    if (error instanceof FlError && error.code === "unavailable") {
      return { kind: "refused", code: "shutting-down", message: error.message };
    }
    throw error;
  }
  throw new FlError("internal", `${word.kind} was not answered`);
}

/** A submission as the machines hear it: the position is checked apart, and the client is the proven caller. */
export function wordOf(client: ClientId, submission: Submission): ClientWord {
  switch (submission.kind) {
    case "ready":
      return { kind: "ready", client };
    case "advert":
      return { kind: "advert", client, advert: submission.advert };
    case "shares":
      return { kind: "shares", client, bundle: submission.bundle };
    case "attestation":
      return { kind: "attestation", client, signature: submission.signature };
    case "reveal":
      return { kind: "reveal", client, reveal: submission.reveal };
    case "withdrawal":
      return { kind: "withdrawal", client, reason: submission.reason };
    default:
      return assertNever(submission);
  }
}
