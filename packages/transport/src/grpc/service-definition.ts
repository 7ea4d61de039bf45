import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { adminMethods, coordinatorMethods, type MethodShape } from "@sotto/wire";

/** The services as grpc-js wants them: it carries bytes, the codecs of `wire` are applied on either side of it. */
export const coordinatorDefinition: ServiceDefinition = definitionOf(coordinatorMethods);

/** As {@link coordinatorDefinition}. */
export const adminDefinition: ServiceDefinition = definitionOf(adminMethods);

/** grpc-js copies with `Buffer#copy`, which other byte arrays lack; this is a view of the same bytes. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Messages arrive as they are. */
export function toBytes(message: Buffer): Uint8Array {
  return message;
}

function definitionOf(methods: Readonly<Record<string, MethodShape>>): ServiceDefinition {
  return Object.fromEntries(
    Object.values(methods).map(({ path, kind }): [string, MethodDefinition<Uint8Array, Uint8Array>] => [
      path,
      {
        path,
        requestStream: kind === "client_streaming",
        responseStream: kind === "server_streaming",
        requestSerialize: toBuffer,
        requestDeserialize: toBytes,
        responseSerialize: toBuffer,
        responseDeserialize: toBytes,
      },
    ]),
  );
}
