import { invariant } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { Answer, BlobStream, CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import { type BlobPart, coordinatorMethods } from "@sotto/wire";
import { leave } from "./abort.ts";
import type { Service } from "./channel.ts";
import { answerDownload } from "./download.ts";
import { IncomingBlob } from "./incoming.ts";
import { answerUnary } from "./messages.ts";
import type { SlottedUpload } from "./upload-slots.ts";

const { next, submit, uploadContribution, downloadModel, getRoster } = coordinatorMethods;

/** Gives an upload a slot, or answers in its place. */
export type UploadGate = (upload: SlottedUpload) => Promise<Answer>;

/** Answers one client's calls by its face. What a client sends that is not a message is refused, as far as the call has a place for it. */
export function serveCoordinator(face: CoordinatorFace, gate: UploadGate): Service {
  return new Map([
    answerUnary(next, (cursor, signal) => face.next(cursor, signal)),
    [submit.path, { kind: "unary", answer: async (bytes) => submit.response.encode(await answerSubmit(face, bytes)) }],
    [
      uploadContribution.path,
      {
        kind: "client_streaming",
        answer: async (messages, signal) => uploadContribution.response.encode(await answerUpload({ face, gate, signal }, messages)),
      },
    ],
    answerDownload(downloadModel, async (digest, signal) => blobAnswer(await face.downloadModel(digest, signal))),
    answerDownload(getRoster, async (digest) => blobAnswer(rosterBlob(await face.roster(digest)))),
  ]);
}

async function answerSubmit(face: CoordinatorFace, bytes: Uint8Array): Promise<Answer> {
  const outcome = submit.request.decode(bytes);
  return outcome.kind === "ok" ? face.submit(outcome.value) : { kind: "refused", ...outcome.refusal };
}

interface UploadContext {
  readonly face: CoordinatorFace;
  readonly gate: UploadGate;
  readonly signal: AbortSignal;
}

async function answerUpload({ face, gate, signal }: UploadContext, messages: AsyncIterable<Uint8Array>): Promise<Answer> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    const outcome = uploadContribution.request.decode(first.done === true ? new Uint8Array() : first.value);
    if (outcome.kind === "refused") return { kind: "refused", ...outcome.refusal };
    if (outcome.value.kind === "chunk") return { kind: "refused", code: "malformed", message: "a chunk came before the declaration" };
    const { declaration } = outcome.value;
    return await gate((displaced) => takeUpload(face, { declaration, messages: iterator, signal: AbortSignal.any([signal, displaced]) }));
  } finally {
    leave(iterator);
  }
}

interface Upload {
  readonly declaration: UploadDeclaration;
  readonly messages: AsyncIterator<Uint8Array>;
  readonly signal: AbortSignal;
}

async function takeUpload(face: CoordinatorFace, { declaration, messages, signal }: Upload): Promise<Answer> {
  const declared = { digest: declaration.header.contributionDigest, sizeBytes: declaration.sizeBytes };
  const blob = new IncomingBlob({ messages, decode: uploadContribution.request.decode, declared, signal });
  try {
    const answer = await face.upload(declaration, blob, signal);
    invariant(answer.kind !== "accepted" || blob.verdict.kind === "complete", "an accepted upload came whole");
    return answer;
  } catch (thrown) {
    if (blob.verdict.kind !== "refused") throw thrown;
    return { kind: "refused", ...blob.verdict.refusal };
  }
}

interface BlobAnswer {
  readonly first: BlobPart;
  readonly chunks: AsyncIterable<Uint8Array>;
}

function blobAnswer({ digest, sizeBytes, chunks }: BlobStream): BlobAnswer {
  return { first: { kind: "summary", summary: { digest, sizeBytes } }, chunks };
}

function rosterBlob(roster: Uint8Array): BlobStream {
  return { digest: sha256Digest(roster), sizeBytes: roster.length, chunks: once(roster) };
}

async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}
