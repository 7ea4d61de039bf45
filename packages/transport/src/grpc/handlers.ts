import type {
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { FlError, invariant, type Logger } from "@sotto/base";
import { adminMethods, coordinatorMethods, type MethodKind, type MethodShape } from "@sotto/wire";
import { orAborted } from "../abort.ts";
import { type Handler, handlerOf, type Service } from "../channel.ts";
import { serverMarginMs, timeouts } from "../timeouts.ts";
import { readFrom, writeInto } from "./flow.ts";
import { reportFailure } from "./status.ts";

/** What handlers need of the server. */
export interface HandlerContext {
  /** Answers the calls of whoever made the call with this metadata. */
  serviceFor(metadata: Metadata): Service;
  readonly logger: Logger;
}

/** One grpc-js handler a method. None of them throws, nor rejects: an exception in one ends the process (PLATFORM 1, trap 5). */
export function coordinatorHandlers(context: HandlerContext): UntypedServiceImplementation {
  return handlersOf(coordinatorMethods, context);
}

/** As {@link coordinatorHandlers}. */
export function adminHandlers(context: HandlerContext): UntypedServiceImplementation {
  return handlersOf(adminMethods, context);
}

function handlersOf(methods: Readonly<Record<string, MethodShape>>, context: HandlerContext): UntypedServiceImplementation {
  const byKind: { readonly [Kind in MethodKind]: UntypedHandleCall } = {
    unary: unary(context),
    client_streaming: clientStreaming(context),
    server_streaming: serverStreaming(context),
  };
  return Object.fromEntries(Object.values(methods).map(({ path, kind }) => [path, byKind[kind]]));
}

function unary(context: HandlerContext): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const work = async (signal: AbortSignal): Promise<Uint8Array> => {
      const { answer } = find(context, call, "unary");
      return orAborted(answer(call.request, signal), signal);
    };
    perform({ context, call, timeoutMs: timeouts.pollMs, work, answered: (response) => callback(null, response), failed: callback });
  };
}

function clientStreaming(context: HandlerContext): handleClientStreamingCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const work = async (signal: AbortSignal): Promise<Uint8Array> => {
      const { answer } = find(context, call, "client_streaming");
      return orAborted(answer(readFrom(call), signal), signal);
    };
    perform({ context, call, timeoutMs: timeouts.transferMs, work, answered: (response) => callback(null, response), failed: callback });
  };
}

function serverStreaming(context: HandlerContext): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return (call) => {
    const work = async (signal: AbortSignal): Promise<void> => {
      const { answer } = find(context, call, "server_streaming");
      await writeInto(call, answer(call.request, signal), signal);
    };
    const failed = (status: Status): void => {
      call.emit("error", status);
    };
    perform({ context, call, timeoutMs: timeouts.transferMs, work, answered: () => undefined, failed });
  };
}

/** What the three kinds of call have in common. */
interface Call {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getPath(): string;
  on(event: "cancelled", listener: () => void): unknown;
  off(event: "cancelled", listener: () => void): unknown;
}

type Status = ReturnType<typeof reportFailure>;

interface Performance<T> {
  readonly context: HandlerContext;
  readonly call: Call;
  readonly timeoutMs: number;
  /** What the call is for; `signal` aborts when the caller is gone or the call lasts too long, and not after it ended well. */
  readonly work: (signal: AbortSignal) => Promise<T>;
  readonly answered: (result: T) => void;
  readonly failed: (status: Status) => void;
}

/** Works for one call and tells the caller what came of it. Every way out of `work` ends here. */
function perform<T>({ context: { logger }, call, timeoutMs, work, answered, failed }: Performance<T>): void {
  const watch = watchCall(call, timeoutMs + serverMarginMs);
  const path = call.getPath();
  work(watch.signal)
    .finally(watch.end)
    .then(answered, (thrown: unknown) => failed(reportFailure(logger, path, thrown)))
    .catch((thrown: unknown) => reportFailure(logger, path, thrown));
}

interface CallWatch {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

function watchCall(call: Call, timeoutMs: number): CallWatch {
  const controller = new AbortController();
  const gone = (): void => controller.abort(new FlError("cancelled", "the caller is gone"));
  const late = (): void => controller.abort(new FlError("deadline-exceeded", `the call lasted ${timeoutMs} ms`));
  const timer = setTimeout(late, timeoutMs).unref();
  call.on("cancelled", gone);
  if (call.cancelled) gone();
  const end = (): void => {
    clearTimeout(timer);
    // grpc-js tells of the end of every call as if it had been cancelled.
    call.off("cancelled", gone);
  };
  return { signal: controller.signal, end };
}

function find<Kind extends MethodKind>(context: HandlerContext, call: Call, kind: Kind): Extract<Handler, { kind: Kind }> {
  const handler = handlerOf(context.serviceFor(call.metadata), call.getPath(), kind);
  invariant(handler !== null, `the service answers ${call.getPath()}`);
  return handler;
}
