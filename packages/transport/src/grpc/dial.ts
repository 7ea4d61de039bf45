import { Client } from "@grpc/grpc-js";
import type { Logger } from "@sotto/base";
import type { AdminFace, CoordinatorFace } from "@sotto/protocol";
import { adminOver } from "../admin-client.ts";
import type { Channel } from "../channel.ts";
import { coordinatorOver } from "../coordinator-client.ts";
import { grpcChannel } from "./channel.ts";
import { clientCredentials, serverNameOption, type TlsIdentity } from "./credentials.ts";
import { clientOptions, silenceLibrary } from "./tuning.ts";

/** Where a coordinator is, and who dials. */
export interface DialOptions {
  /** Host and port, `coordinator.example.org:7443`; the certificate at the other end must be for that host. */
  readonly address: string;
  readonly tls: TlsIdentity;
  readonly logger: Logger;
}

/** A connection that is closed when it is no longer needed. */
export interface Closable {
  /** Ends the calls in progress with `cancelled` or `unavailable`. */
  close(): void;
}

/**
 * The coordinator at `address`, as a client sees it. It connects with the first call and again whenever the connection
 * is lost; a call in between fails with `unavailable`, and may be repeated. @throws FlError `invalid-argument` for a wrong key pair
 */
export function dialCoordinator(options: DialOptions): CoordinatorFace & Closable {
  const channel = dial(options);
  return { ...coordinatorOver(channel), close: () => channel.close() };
}

/** As {@link dialCoordinator}, for an operator. */
export function dialAdmin(options: DialOptions): AdminFace & Closable {
  const channel = dial(options);
  return { ...adminOver(channel), close: () => channel.close() };
}

function dial({ address, tls, logger }: DialOptions): Channel {
  logger.debug("dialling", { address });
  silenceLibrary();
  return grpcChannel(new Client(address, clientCredentials(tls, address), { ...clientOptions, ...serverNameOption(address) }));
}
