import { FlError } from "@sotto/base";
import type { Codec, Method } from "@sotto/wire";
import type { CallOptions, Channel, Handler } from "./channel.ts";

/** A message from who calls. @throws FlError `invalid-argument` or `resource-exhausted` when it is refused */
export function readRequest<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const outcome = codec.decode(bytes);
  if (outcome.kind === "ok") return outcome.value;
  const { code, message } = outcome.refusal;
  throw new FlError(code === "too-large" ? "resource-exhausted" : "invalid-argument", message);
}

/** A message from who answers. @throws FlError `data-loss` when it is refused: there is nobody to refuse it to */
export function readResponse<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const outcome = codec.decode(bytes);
  if (outcome.kind === "ok") return outcome.value;
  throw new FlError("data-loss", `the coordinator's answer is ${outcome.refusal.code}: ${outcome.refusal.message}`);
}

/** One unary call, typed. */
export async function callUnary<Request, Response>(
  channel: Channel,
  method: Method<"unary", Request, Response>,
  request: Request,
  options: CallOptions,
): Promise<Response> {
  return readResponse(method.response, await channel.unary(method.path, method.request.encode(request), options));
}

/** One unary method, typed. */
export function answerUnary<Request, Response>(
  method: Method<"unary", Request, Response>,
  answer: (request: Request, signal: AbortSignal) => Promise<Response>,
): readonly [string, Handler] {
  return [
    method.path,
    {
      kind: "unary",
      answer: async (bytes, signal) => method.response.encode(await answer(readRequest(method.request, bytes), signal)),
    },
  ];
}

/** The encoded form of each message. */
export async function* encoded<T>(codec: Codec<T>, values: AsyncIterable<T>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const value of values) yield codec.encode(value);
}
