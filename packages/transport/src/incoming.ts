import { FlError, type Outcome } from "@sotto/base";
import { createSha256, type Sha256Stream } from "@sotto/crypto";
import type { ProtocolRefusal, RefusalCode } from "@sotto/protocol";
import {
  type BlobPart,
  type BlobSummary,
  type ChunkPart,
  limits,
  type ModelPart,
  type TaskPart,
  type UploadPart,
  type WireRefusal,
} from "@sotto/wire";
import { leave, orAborted } from "./abort.ts";

/** What has come of a blob on its way in. */
export type Verdict =
  | { readonly kind: "open" }
  /** All of it came, of the declared length and digest. */
  | { readonly kind: "complete" }
  | { readonly kind: "refused"; readonly refusal: ProtocolRefusal };

/** Where a blob comes from. */
export interface BlobSource {
  /** Read on from where it stands, up to the last of the blob; closed when it does not come to that. */
  readonly messages: AsyncIterator<Uint8Array>;
  readonly decode: (bytes: Uint8Array) => Outcome<Part, WireRefusal>;
  /** Null where a summary follows the chunks instead. */
  readonly declared: BlobSummary | null;
  readonly signal: AbortSignal;
}

type Part = UploadPart | BlobPart | TaskPart | ModelPart;

/**
 * A blob on its way in; it owns the stream of messages until it is whole. Iterated once, it gives the bytes in order and throws
 * FlError `aborted` unless all of them came, with the declared length and digest and a message that says it was the last:
 * a stream that was cut ends exactly as a whole one does (PLATFORM 1, trap 1). A chunk marked last is handed over only
 * after that check.
 */
export class IncomingBlob implements AsyncIterable<Uint8Array> {
  readonly #source: BlobSource;
  readonly #hash: Sha256Stream = createSha256();
  #sizeBytes = 0;
  #verdict: Verdict = { kind: "open" };

  constructor(source: BlobSource) {
    this.#source = source;
  }

  /** What has come of it so far. */
  get verdict(): Verdict {
    return this.#verdict;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (this.#verdict.kind === "open") {
        const data = this.#take(await this.#nextPart());
        if (data.length > 0) yield data;
      }
    } finally {
      if (this.#verdict.kind !== "complete") leave(this.#source.messages);
    }
  }

  async #nextPart(): Promise<Part> {
    const { messages, decode, signal } = this.#source;
    const step = await orAborted(messages.next(), signal).catch((cause: unknown) => {
      throw signal.aborted ? this.#refuse("incomplete-upload", `the call ended after ${this.#sizeBytes} bytes`) : cause;
    });
    if (step.done === true)
      throw this.#refuse("incomplete-upload", `the stream ended after ${this.#sizeBytes} bytes without its last message`);
    const outcome = decode(step.value);
    if (outcome.kind === "refused") throw this.#refuse(outcome.refusal.code, outcome.refusal.message);
    return outcome.value;
  }

  #take(part: Part): Uint8Array {
    const { declared } = this.#source;
    if (part.kind === "chunk") return this.#takeChunk(part);
    if (part.kind !== "summary" || declared !== null) throw this.#refuse("malformed", `a ${part.kind} came among the chunks`);
    this.#conclude(part.summary);
    return new Uint8Array();
  }

  #takeChunk({ data, last }: ChunkPart): Uint8Array {
    const { declared } = this.#source;
    const sizeBytesMax = declared?.sizeBytes ?? limits.modelSizeBytesMax;
    this.#sizeBytes += data.length;
    if (this.#sizeBytes > sizeBytesMax)
      throw this.#refuse("incomplete-upload", `${this.#sizeBytes} bytes came where ${sizeBytesMax} were declared`);
    this.#hash.update(data);
    if (last && declared === null) throw this.#refuse("malformed", "a last chunk came where a summary was to follow");
    if (last && declared !== null) this.#conclude(declared);
    return data;
  }

  #conclude({ sizeBytes, digest }: BlobSummary): void {
    if (this.#sizeBytes !== sizeBytes)
      throw this.#refuse("incomplete-upload", `${this.#sizeBytes} bytes came where ${sizeBytes} were declared`);
    if (this.#hash.digest() !== digest) throw this.#refuse("digest-mismatch", `${sizeBytes} bytes do not have the declared digest`);
    this.#verdict = { kind: "complete" };
  }

  #refuse(code: RefusalCode, message: string): FlError {
    this.#verdict = { kind: "refused", refusal: { code, message } };
    return new FlError("aborted", message);
  }
}
