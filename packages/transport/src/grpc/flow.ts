import type { Writable } from "node:stream";
import { FlError } from "@sotto/base";
import { orAborted, untilAborted } from "../abort.ts";

/**
 * Writes messages to a call, no faster than the other side reads (PLATFORM 1, trap 3), and ends it. Two are under way at
 * once, one being sent and one to follow: grpc-js would queue sixteen, which is 4 GiB for a thousand downloads. When
 * `signal` aborts it throws as `untilAborted`, also while it waits: a cancelled call never gets on (trap 2). `messages`
 * are closed in any case.
 */
export async function writeInto(call: Writable, messages: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  let previous = Promise.resolve();
  for await (const message of untilAborted(messages, signal)) {
    const written = write(call, message);
    await orAborted(previous, signal);
    previous = written;
  }
  call.end();
}

/** The messages of an upload as they are read. @throws FlError `aborted` where the call breaks off visibly; often it does not */
export async function* readFrom(call: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* call;
  } catch (cause) {
    throw new FlError("aborted", "the call broke off", { cause });
  }
}

/** Resolves when the message is on its way. That it failed is told by the end of the call. */
function write(call: Writable, message: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    call.write(message, () => resolve());
  });
}
