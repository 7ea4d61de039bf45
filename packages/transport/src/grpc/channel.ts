import { type Client, type CallOptions as GrpcCallOptions, Metadata, type ServiceError } from "@grpc/grpc-js";
import { FlError, toFlError } from "@sotto/base";
import { onAbort } from "../abort.ts";
import type { CallOptions, Channel } from "../channel.ts";
import { writeInto } from "./flow.ts";
import { toBuffer, toBytes } from "./service-definition.ts";
import { fromCallError } from "./status.ts";

/** The channel that a gRPC client is; it owns the client. */
export function grpcChannel(client: Client): Channel {
  return {
    unary: (path, request, options) =>
      answered(options, (done) => client.makeUnaryRequest(path, toBuffer, toBytes, request, new Metadata(), withDeadline(options), done)),
    clientStreaming: (path, messages, options) => upload(client, { path, messages, options }),
    serverStreaming: (path, request, options) => download(client, { path, request, options }),
    close: () => client.close(),
  };
}

/** What grpc-js calls back with. */
type Done = (error: ServiceError | null, response?: Uint8Array) => void;

interface Cancellable {
  cancel(): void;
}

/** Starts a call and waits for its one answer. Aborting the signal cancels the call. */
async function answered({ signal }: CallOptions, start: (done: Done) => Cancellable): Promise<Uint8Array> {
  let unlisten = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      const call = start((error, response) => {
        if (error !== null) reject(error);
        else resolve(response ?? new Uint8Array());
      });
      if (signal !== undefined) unlisten = onAbort(signal, () => call.cancel());
    });
  } catch (thrown) {
    throw fromCallError(thrown);
  } finally {
    unlisten();
  }
}

interface Upload {
  readonly path: string;
  readonly messages: AsyncIterable<Uint8Array>;
  readonly options: CallOptions;
}

async function upload(client: Client, { path, messages, options }: Upload): Promise<Uint8Array> {
  const over = new AbortController();
  const source: { failure: FlError | null } = { failure: null };
  try {
    return await answered(options, (done) => {
      const call = client.makeClientStreamRequest(path, toBuffer, toBytes, new Metadata(), withDeadline(options), done);
      // A failed write is told twice, by this event and by the callback; unheard, the event would end the process (trap 5).
      call.on("error", () => undefined);
      writeInto(call, messages, over.signal).catch((thrown: unknown) => {
        if (!over.signal.aborted) source.failure = toFlError(thrown);
        call.cancel();
      });
      return call;
    });
  } catch (thrown) {
    throw source.failure ?? thrown;
  } finally {
    // The answer may be there before everything was sent: nobody reads the rest.
    over.abort(new FlError("cancelled", "the call is over"));
  }
}

interface Download {
  readonly path: string;
  readonly request: Uint8Array;
  readonly options: CallOptions;
}

/** The call is made at the first step and read at once: one that is not read buffers without limit (PLATFORM 1, trap 4). */
async function* download(client: Client, { path, request, options }: Download): AsyncGenerator<Uint8Array, void, undefined> {
  const call = client.makeServerStreamRequest(path, toBuffer, toBytes, request, new Metadata(), withDeadline(options));
  // The iteration below throws the same error, unless it was left before.
  call.on("error", () => undefined);
  const unlisten = options.signal === undefined ? () => undefined : onAbort(options.signal, () => call.cancel());
  try {
    yield* call;
  } catch (thrown) {
    throw fromCallError(thrown);
  } finally {
    unlisten();
    call.cancel();
  }
}

function withDeadline({ timeoutMs }: CallOptions): GrpcCallOptions {
  return { deadline: Date.now() + timeoutMs };
}
