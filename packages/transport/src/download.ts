import type { BlobStream } from "@sotto/protocol";
import type { BlobPart, BlobSummary, ChunkPart, Method, ModelPart } from "@sotto/wire";
import { leave } from "./abort.ts";
import type { Channel, Handler } from "./channel.ts";
import { IncomingBlob } from "./incoming.ts";
import { readRequest, readResponse } from "./messages.ts";
import { toChunks } from "./outgoing.ts";
import { timeouts } from "./timeouts.ts";

/** A call that a blob is the answer to. */
export interface Download<Request, Part extends BlobPart | ModelPart> {
  readonly method: Method<"server_streaming", Request, Part>;
  readonly request: Request;
  readonly signal: AbortSignal;
}

/** What the first message of a download says, and what the chunks after it must add up to. */
export interface Opening {
  readonly blob: BlobSummary;
}

/**
 * Makes the call and reads its first message, `read` checks it. The chunks of the blob throw as {@link IncomingBlob}.
 * Whoever does not read them to the end aborts `signal`, or the call stays open until its timeout.
 */
export async function openDownload<Request, Part extends BlobPart | ModelPart, Opened extends Opening>(
  channel: Channel,
  { method, request, signal }: Download<Request, Part>,
  read: (part: Part) => Opened,
): Promise<Opened & { readonly stream: BlobStream }> {
  const options = { signal, timeoutMs: timeouts.transferMs };
  const iterator = channel.serverStreaming(method.path, method.request.encode(request), options)[Symbol.asyncIterator]();
  try {
    const step = await iterator.next();
    const opened = read(readResponse(method.response, step.done === true ? new Uint8Array() : step.value));
    const blob = new IncomingBlob({ messages: iterator, decode: method.response.decode, declared: opened.blob, signal });
    return { ...opened, stream: { ...opened.blob, chunks: toTheEnd(blob, iterator) } };
  } catch (thrown) {
    leave(iterator);
    throw thrown;
  }
}

/** The blob, and then the end of the call: one that is left before it would be cancelled, to the other side. */
async function* toTheEnd(blob: IncomingBlob, messages: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* blob;
  await messages.next();
  leave(messages);
}

/** Answers a call with a blob: what `open` finds, then its chunks. */
export function answerDownload<Request, Part extends BlobPart | ModelPart>(
  method: Method<"server_streaming", Request, Part | ChunkPart>,
  open: (request: Request, signal: AbortSignal) => Promise<{ readonly first: Part; readonly chunks: AsyncIterable<Uint8Array> }>,
): readonly [string, Handler] {
  async function* answer(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const { first, chunks } = await open(readRequest(method.request, bytes), signal);
    yield method.response.encode(first);
    for await (const chunk of toChunks(chunks)) yield method.response.encode(chunk);
  }
  return [method.path, { kind: "server_streaming", answer }];
}
