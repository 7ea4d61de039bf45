import { type ClientId, type Digest, type Instant, type Outcome, ok, type Refusal, refused } from "@sotto/base";
import { createSha256 } from "@sotto/crypto";
import type { Answer, CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import type { Loop } from "../loop.ts";
import { interruptible } from "./interruptible.ts";
import { OpenCalls } from "./open-calls.ts";
import { say } from "./submit.ts";

/** The uploads of all clients: one under way a client, since a newer one means that the older is lost. */
export function createUpload(loop: Loop): (client: ClientId) => CoordinatorFace["upload"] {
  const uploads = new OpenCalls({ perClientMax: 1, closing: loop.closing });
  return (client) => async (declaration, chunks, signal) => {
    const over = uploads.begin(client);
    try {
      await loop.submit({ kind: "call-began", client });
      return await receive(loop, { client, declaration, chunks, signal: AbortSignal.any([signal, over.signal]), over });
    } finally {
      over.abort();
      uploads.end(client, over);
      loop.tell({ kind: "call-ended", client, cut: signal.aborted });
    }
  };
}

interface UploadCall {
  readonly client: ClientId;
  readonly declaration: UploadDeclaration;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** Ends the call; also when the phase is over, after which nothing can be added. */
  readonly over: AbortController;
}

/** Everything that can be refused without the bytes is refused before the first of them is taken. */
async function receive(loop: Loop, call: UploadCall): Promise<Answer> {
  const { client, declaration } = call;
  const { position, header, sizeBytes } = declaration;
  const claim = { kind: "contribution-arrived", client, header, digest: header.contributionDigest, sizeBytes, upload: 0 } as const;
  const forecast = loop.forecast(position, claim);
  // What a client contradicts was accepted, so the contradiction never can be: it is said without its bytes, for the machine to keep as evidence.
  if (forecast.kind === "refused" && forecast.code === "conflicting-message") return say(loop, position, claim);
  if (forecast.kind !== "accepted") return forecast;
  const deadlineAt = deadlineOf(loop, client);
  if (deadlineAt !== null) void endAt(loop, deadlineAt, call.over);
  const staged = await stage(call);
  if (staged.kind === "refused") return { ...staged.refusal, kind: "refused" };
  const upload = loop.performer.uploads.put(staged.value.bytes);
  try {
    return await say(loop, position, { ...claim, digest: staged.value.digest, sizeBytes: staged.value.bytes.length, upload });
  } finally {
    loop.performer.uploads.drop(upload);
  }
}

/** Bytes are counted and hashed as they come: a stream that ends early looks like one that is complete (PLATFORM 1). */
async function stage({
  declaration,
  chunks,
  signal,
}: UploadCall): Promise<Outcome<{ readonly bytes: Uint8Array; readonly digest: Digest }, Refusal<"incomplete-upload">>> {
  const { sizeBytes } = declaration;
  const bytes = new Uint8Array(sizeBytes);
  const hash = createSha256();
  let offset = 0;
  for await (const chunk of interruptible(chunks, signal)) {
    if (offset + chunk.length > sizeBytes) return refused("incomplete-upload", `more bytes came than the ${sizeBytes} declared`);
    bytes.set(chunk, offset);
    hash.update(chunk);
    offset += chunk.length;
  }
  if (offset < sizeBytes) return refused("incomplete-upload", `${offset} bytes came of the ${sizeBytes} declared`);
  return ok({ bytes, digest: hash.digest() });
}

function deadlineOf(loop: Loop, client: ClientId): Instant | null {
  const round = loop.roundOf(client);
  return round?.phase === "collecting" ? round.window.deadlineAt : null;
}

async function endAt(loop: Loop, deadlineAt: Instant, over: AbortController): Promise<void> {
  await loop.ports.clock.sleepUntil(deadlineAt, over.signal);
  over.abort();
}
