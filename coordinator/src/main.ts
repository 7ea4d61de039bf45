import { join } from "node:path";
import { type Clock, FlError, type Logger, type Rng } from "@sotto/base";
import { identify } from "@sotto/identity";
import { directoryBlobs } from "@sotto/storage";
import { listen } from "@sotto/transport";
import type { CoordinatorConfig } from "./config.ts";
import { createCoordinator } from "./coordinator.ts";
import { directoryEvidence } from "./effects/directory-evidence.ts";
import { readFederationFiles } from "./effects/federation-files.ts";

/** What a running coordinator is given of the machine. */
export interface CoordinatorPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** A coordinator that answers. */
export interface RunningCoordinator {
  readonly port: number;
  /** Answers the calls that wait, takes no more, and ends the others after a few seconds. */
  close(): Promise<void>;
}

/** How long calls in progress may go on when the coordinator closes. */
const closingGraceMs = 5_000;

/**
 * Runs the coordinator of a configuration: reads its files, opens its store and listens.
 * @throws FlError for a file that cannot be read or is not what it should be, a roster of another federation or one that has expired,
 * a port that cannot be had
 */
export async function startCoordinator(config: CoordinatorConfig, ports: CoordinatorPorts): Promise<RunningCoordinator> {
  const { roster, rosterBytes, tls } = await readFederationFiles(config);
  if (ports.clock.now() >= roster.expiresAt) {
    throw new FlError("failed-precondition", `roster version ${roster.version} expired at ${new Date(roster.expiresAt).toISOString()}`);
  }
  const blobs = directoryBlobs(join(config.dataDirectory, "blobs"));
  const coordinator = createCoordinator({
    ...ports,
    federation: config.federation,
    roster,
    rosterBytes,
    blobs,
    evidence: directoryEvidence(join(config.dataDirectory, "evidence")),
    ...(config.maskWorkers === null ? {} : { maskWorkers: config.maskWorkers }),
  });
  const listener = await listen({
    ...config.listen,
    tls,
    identify: (fingerprint) => identify(roster, fingerprint),
    coordinator: (client) => coordinator.client(client),
    admin: (operator) => coordinator.admin(operator),
    logger: ports.logger,
    uploadSlots: config.uploadSlots,
  });
  const { federation, version, clients } = roster;
  ports.logger.info("coordinating", { federation, rosterVersion: version, clients: clients.length });
  return {
    port: listener.port,
    async close() {
      await coordinator.close();
      await listener.close(closingGraceMs);
    },
  };
}
