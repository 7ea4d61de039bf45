import { type ClientId, type FederationId, FlError, type OperatorId } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import { createMasker, defaultWorkerCount } from "@sotto/masking";
import type { AdminFace, CoordinatorFace } from "@sotto/protocol";
import { createAdmin } from "./endpoints/admin.ts";
import { createDownloadModel } from "./endpoints/download.ts";
import { createNext } from "./endpoints/next.ts";
import { createRoster } from "./endpoints/roster.ts";
import { createSubmit } from "./endpoints/submit.ts";
import { createUpload } from "./endpoints/upload.ts";
import { Loop, type LoopPorts } from "./loop.ts";

/** What a coordinator is made of. */
export interface CoordinatorOptions extends Omit<LoopPorts, "masker"> {
  readonly federation: FederationId;
  readonly roster: Roster;
  /** The signed file the roster was read from: clients are given it as it is. */
  readonly rosterBytes: Uint8Array;
  /** Threads that take masks out of sums beside the one that answers; 0 for none but that. As many as the machine has room for when left out. */
  readonly maskWorkers?: number;
}

/** One federation's coordinator, without a transport: faces for callers whose identity is proven. */
export interface Coordinator {
  /** What this client can call. */
  client(client: ClientId): CoordinatorFace;
  /** What this operator can call. */
  admin(operator: OperatorId): AdminFace;
  /** Takes no more calls, ends the waiting ones, waits for a release under way, and ends the masking threads. */
  close(): Promise<void>;
}

/** @throws FlError `failed-precondition` when the roster is another federation's */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { federation, roster, rosterBytes, logger } = options;
  if (roster.federation !== federation) {
    throw new FlError("failed-precondition", `the roster is of federation ${roster.federation} and must be of ${federation}`);
  }
  const masker = createMasker({ workerCount: options.maskWorkers ?? defaultWorkerCount() });
  const loop = new Loop({ ...options, masker });
  const next = createNext(loop);
  const upload = createUpload(loop);
  const downloadModel = createDownloadModel(loop);
  const relayRoster = createRoster(roster, rosterBytes);
  const admin = createAdmin({ loop, federation, roster });
  return {
    client: (client) => ({
      next: next(client),
      submit: createSubmit(loop, client),
      upload: upload(client),
      downloadModel,
      roster: relayRoster,
    }),
    admin: (operator) => {
      logger.debug("an operator calls", { operator });
      return admin;
    },
    async close() {
      await loop.close();
      await masker.close();
    },
  };
}
