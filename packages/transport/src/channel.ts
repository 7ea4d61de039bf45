import type { MethodKind } from "@sotto/wire";

/** When a call ends early. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * The calling end of a connection: the three shapes of call over encoded messages. gRPC is one, memory another.
 * Every failure is an FlError with the code that the other side gave, or `unavailable`, `cancelled`, `deadline-exceeded`.
 */
export interface Channel {
  unary(path: string, request: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  /** Ends when the answer is there, whether or not `messages` were all sent. What `messages` throws, it throws. */
  clientStreaming(path: string, messages: AsyncIterable<Uint8Array>, options: CallOptions): Promise<Uint8Array>;
  /** The call begins with the first step and is cancelled when the iteration is left. */
  serverStreaming(path: string, request: Uint8Array, options: CallOptions): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * The answering end: how one method is answered, over encoded messages. `signal` aborts when the caller is gone or took
 * too long. A stream of messages that ends says nothing about being whole (PLATFORM 1, trap 1): the last message must.
 */
export type Handler =
  | { readonly kind: "unary"; readonly answer: (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array> }
  | {
      readonly kind: "client_streaming";
      readonly answer: (messages: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<Uint8Array>;
    }
  | { readonly kind: "server_streaming"; readonly answer: (request: Uint8Array, signal: AbortSignal) => AsyncIterable<Uint8Array> };

/** The handler of each path of a service, for one caller. */
export type Service = ReadonlyMap<string, Handler>;

/** The handler of one shape at `path`, or null. */
export function handlerOf<Kind extends MethodKind>(service: Service, path: string, kind: Kind): Extract<Handler, { kind: Kind }> | null {
  const handler = service.get(path);
  return handler !== undefined && isKind(handler, kind) ? handler : null;
}

function isKind<Kind extends MethodKind>(handler: Handler, kind: Kind): handler is Extract<Handler, { kind: Kind }> {
  return handler.kind === kind;
}
