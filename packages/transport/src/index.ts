export { chunksOf, readBlob } from "./blob-bytes.ts";
export type { TlsIdentity } from "./grpc/credentials.ts";
export { type Closable, type DialOptions, dialAdmin, dialCoordinator } from "./grpc/dial.ts";
export type { Caller } from "./grpc/interceptor.ts";
export { type Listener, type ListenOptions, listen } from "./grpc/listen.ts";
export { connectAdmin, connectCoordinator } from "./memory.ts";
