import { type Metadata, Server } from "@grpc/grpc-js";
import { type ClientId, FlError, type Logger, type OperatorId } from "@sotto/base";
import type { AdminFace, CoordinatorFace } from "@sotto/protocol";
import type { Service } from "../channel.ts";
import { serveAdmin } from "../serve-admin.ts";
import { serveCoordinator } from "../serve-coordinator.ts";
import { createUploadSlots } from "../upload-slots.ts";
import { serverCredentials, type TlsIdentity } from "./credentials.ts";
import { adminHandlers, coordinatorHandlers } from "./handlers.ts";
import { installServerWindow } from "./http2-window.ts";
import { type Caller, createCallerCheck } from "./interceptor.ts";
import { adminDefinition, coordinatorDefinition } from "./service-definition.ts";
import { serverOptions, silenceLibrary } from "./tuning.ts";

/** What a coordinator listens with. */
export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly tls: TlsIdentity;
  /** Whose certificate has this SHA-256 fingerprint, as node writes it; null when nobody's. Asked on every call. */
  identify(fingerprint: string): Caller | null;
  coordinator(client: ClientId): CoordinatorFace;
  admin(operator: OperatorId): AdminFace;
  readonly logger: Logger;
  /** Uploads that may run at once (see `UploadSlots`). */
  readonly uploadSlots: number;
}

/** A coordinator that answers. */
export interface Listener {
  readonly port: number;
  /**
   * Takes no new connection or call, waits until those in progress are done, and ends them after `graceMs`. Polls are in
   * progress for up to 25 s: whoever closes first has them answered.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Answers clients and operators over gRPC, TLS 1.3 and certificates of both sides.
 * @throws FlError `unavailable` when the port cannot be had, `invalid-argument` for a wrong key pair
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { logger } = options;
  const check = createCallerCheck((fingerprint) => options.identify(fingerprint), logger);
  const context = { serviceFor: serviceFor(options, check.callerOf), logger };
  const server = new Server({ ...serverOptions, interceptors: [check.interceptor] });
  server.addService(coordinatorDefinition, coordinatorHandlers(context));
  server.addService(adminDefinition, adminHandlers(context));
  installServerWindow();
  silenceLibrary();
  const port = await bind(server, options);
  logger.info("listening", { host: options.host, port });
  return { port, close: closing(server) };
}

function serviceFor(options: ListenOptions, callerOf: (metadata: Metadata) => Caller): (metadata: Metadata) => Service {
  const slots = createUploadSlots(options.uploadSlots);
  return (metadata) => {
    const caller = callerOf(metadata);
    if (caller.kind === "operator") return serveAdmin(options.admin(caller.operator));
    const { client } = caller;
    return serveCoordinator(options.coordinator(client), (upload) => slots.run(client, upload));
  };
}

function bind(server: Server, { host, port, tls }: ListenOptions): Promise<number> {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const credentials = serverCredentials(tls);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, bound) => {
      if (cause === null) resolve(bound);
      else reject(new FlError("unavailable", `cannot listen on ${address}: ${cause.message}`, { cause }));
    });
  });
}

function closing(server: Server): (graceMs: number) => Promise<void> {
  let closed: Promise<void> | null = null;
  return (graceMs) => {
    closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return closed;
  };
}
