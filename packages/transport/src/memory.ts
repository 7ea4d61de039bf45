import { FlError, invariant } from "@sotto/base";
import type { AdminFace, CoordinatorFace } from "@sotto/protocol";
import { abortError, onAbort, orAborted, untilAborted } from "./abort.ts";
import { adminOver } from "./admin-client.ts";
import { type CallOptions, type Channel, handlerOf, type Service } from "./channel.ts";
import { coordinatorOver } from "./coordinator-client.ts";
import { crossingError } from "./crossing.ts";
import { serveAdmin } from "./serve-admin.ts";
import { serveCoordinator } from "./serve-coordinator.ts";
import { createUploadSlots } from "./upload-slots.ts";

/**
 * `face` as if over a network, for simulations and tests: every message is encoded and decoded, and errors keep only what
 * would cross. Calls have no timeouts, since time may be virtual, and a caller's newer upload ends its older one.
 */
export function connectCoordinator(face: CoordinatorFace): CoordinatorFace {
  const slots = createUploadSlots(1);
  return coordinatorOver(memoryChannel(serveCoordinator(face, (upload) => slots.run("caller", upload))));
}

/** As {@link connectCoordinator}, for an operator. */
export function connectAdmin(face: AdminFace): AdminFace {
  return adminOver(memoryChannel(serveAdmin(face)));
}

/** A channel that ends in a service of this process. */
function memoryChannel(service: Service): Channel {
  return {
    unary: (path, request, options) =>
      perform(options, (signal) => {
        const handler = handlerOf(service, path, "unary");
        invariant(handler !== null, `the service answers ${path}`);
        return handler.answer(request, signal);
      }),
    clientStreaming: (path, messages, options) => upload(service, { path, messages, options }),
    serverStreaming: (path, request, options) => {
      const handler = handlerOf(service, path, "server_streaming");
      invariant(handler !== null, `the service answers ${path}`);
      return download((signal) => handler.answer(request, signal), options);
    },
    close: () => undefined,
  };
}

/** The server's side learns of the abort by its own signal, the caller does not wait for what it makes of it. */
async function perform<T>({ signal }: CallOptions, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const call = new AbortController();
  const unlisten = signal === undefined ? () => undefined : onAbort(signal, () => call.abort(abortError(signal)));
  try {
    return await orAborted(answer(call.signal), call.signal);
  } catch (thrown) {
    throw crossingError(thrown);
  } finally {
    unlisten();
  }
}

interface UploadCall {
  readonly path: string;
  readonly messages: AsyncIterable<Uint8Array>;
  readonly options: CallOptions;
}

async function upload(service: Service, { path, messages, options }: UploadCall): Promise<Uint8Array> {
  const handler = handlerOf(service, path, "client_streaming");
  invariant(handler !== null, `the service answers ${path}`);
  const failure: { thrown: unknown } = { thrown: undefined };
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);

  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* messages;
    } catch (thrown) {
      failure.thrown = thrown;
      failed.abort(new FlError("cancelled", "the caller could not send on"));
      throw abortError(failed.signal);
    }
  }

  return perform({ ...options, signal }, (call) => handler.answer(untilAborted(watched(), call), call)).catch((thrown: unknown) => {
    throw failed.signal.aborted ? failure.thrown : thrown;
  });
}

async function* download(
  answer: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  { signal }: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const call = new AbortController();
  const unlisten = signal === undefined ? () => undefined : onAbort(signal, () => call.abort(abortError(signal)));
  let whole = false;
  try {
    yield* untilAborted(answer(call.signal), call.signal);
    whole = true;
  } catch (thrown) {
    throw crossingError(thrown);
  } finally {
    unlisten();
    // The server's side of a call that its caller leaves is told, and of one that ended well is not.
    if (!whole) call.abort(new FlError("cancelled", "the caller is gone"));
  }
}
