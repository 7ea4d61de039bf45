import { concatBytes, type Digest, FlError } from "@sotto/base";
import type { BlobStream, CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import { type BlobPart, coordinatorMethods, type UploadPart } from "@sotto/wire";
import type { Channel } from "./channel.ts";
import { type Download, type Opening, openDownload } from "./download.ts";
import { callUnary, encoded, readResponse } from "./messages.ts";
import { toChunks } from "./outgoing.ts";
import { timeouts } from "./timeouts.ts";

const { next, submit, uploadContribution, downloadModel, getRoster } = coordinatorMethods;

/** The coordinator at the other end of a channel, as a client sees it. */
export function coordinatorOver(channel: Channel): CoordinatorFace {
  return {
    next: (cursor, signal) => callUnary(channel, next, cursor, { signal, timeoutMs: timeouts.pollMs }),
    submit: (submission) => callUnary(channel, submit, submission, { timeoutMs: timeouts.callMs }),
    upload: async (declaration, chunks, signal) => {
      const messages = encoded(uploadContribution.request, uploadParts(declaration, chunks));
      const options = { signal, timeoutMs: timeouts.transferMs };
      return readResponse(uploadContribution.response, await channel.clientStreaming(uploadContribution.path, messages, options));
    },
    downloadModel: (digest, signal) => download(channel, { method: downloadModel, request: digest, signal }),
    roster: async (digest) => {
      const { signal } = new AbortController();
      const { chunks } = await download(channel, { method: getRoster, request: digest, signal });
      return collect(chunks);
    },
  };
}

async function* uploadParts(
  declaration: UploadDeclaration,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadPart, void, undefined> {
  yield { kind: "declaration", declaration };
  yield* toChunks(chunks);
}

async function download(channel: Channel, call: Download<Digest, BlobPart>): Promise<BlobStream> {
  const { stream } = await openDownload(channel, call, (part): Opening => {
    if (part.kind === "chunk") throw new FlError("data-loss", "the coordinator sent a chunk before the summary");
    const { digest } = part.summary;
    if (digest !== call.request) throw new FlError("data-loss", `the coordinator sent ${digest} when asked for ${call.request}`);
    return { blob: part.summary };
  });
  return stream;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatBytes(...parts);
}
