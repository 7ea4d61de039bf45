import { type Clock, type Logger, type Rng, wipeInto } from "@sotto/base";
import { createMasker, defaultWorkerCount } from "@sotto/masking";
import { type Backend, openBackend, type TrainingProgress } from "@sotto/ml";
import type { CoordinatorFace } from "@sotto/protocol";
import { dialCoordinator } from "@sotto/transport";
import { createClient } from "./client.ts";
import type { ClientConfig } from "./config.ts";
import { openDirectoryMarks } from "./effects/directory-marks.ts";
import { assertReadable, type IdentityFiles, readIdentityFiles } from "./effects/identity-files.ts";
import type { MarksStore } from "./effects/marks-store.ts";
import { createLocalCompute } from "./effects/train.ts";
import type { Notice } from "./round/effect.ts";

/** What a running client is given of the machine. */
export interface ClientPorts {
  readonly clock: Clock;
  /** The operating system's generator: session keys come from it. */
  readonly rng: Rng;
  readonly logger: Logger;
  /** Told what the client does; keep it short. */
  readonly onProgress?: (progress: ClientProgress) => void;
}

/** What a client does, as it does it. */
export type ClientProgress = Notice | ({ readonly kind: "training" } & TrainingProgress);

/**
 * Runs the client of a configuration until `signal` aborts, or, where the configuration says so, until the coordinator has no more
 * work for it or the table does not fit a plan.
 * @throws FlError for a file that cannot be read, a state directory that is damaged or in use, a backend that does not work, a
 * coordinator that does not know this client, or a table that does not fit
 */
export async function startClient(config: ClientConfig, ports: ClientPorts, signal: AbortSignal): Promise<void> {
  await assertReadable(config.data);
  const files = await readIdentityFiles(config);
  try {
    const { authorityPublicKey } = files;
    const marks = await openDirectoryMarks({ folder: config.state, client: config.client, authorityPublicKey });
    try {
      await joinFederation({ config, ports, files, marks }, signal);
    } finally {
      await marks.close();
    }
  } finally {
    wipeInto(files.signingKey);
  }
}

/** What a client has before it dials. */
interface Prepared {
  readonly config: ClientConfig;
  readonly ports: ClientPorts;
  readonly files: IdentityFiles;
  readonly marks: MarksStore;
}

async function joinFederation(prepared: Prepared, signal: AbortSignal): Promise<void> {
  const { config, ports, files } = prepared;
  const backend = await openBackend(config.backend === "auto" ? {} : { prefer: config.backend });
  ports.logger.info("the backend is open", { backend: backend.name, version: backend.version });
  for (const { name, reason } of backend.passedOver) ports.logger.info("a faster backend does not work here", { backend: name, reason });
  const face = dialCoordinator({ address: config.coordinator, tls: files.tls, logger: ports.logger });
  try {
    await runClient({ ...prepared, backend, face }, signal);
  } finally {
    face.close();
  }
}

/** Everything a client runs on. */
interface Running extends Prepared {
  readonly backend: Backend;
  readonly face: CoordinatorFace;
}

async function runClient({ config, ports, files, marks, backend, face }: Running, signal: AbortSignal): Promise<void> {
  const { client, policy, data } = config;
  const { clock, rng, logger, onProgress = () => undefined } = ports;
  const compute = createLocalCompute({
    client,
    backend,
    dataPath: data,
    logger,
    onProgress: (progress) => onProgress({ kind: "training", ...progress }),
  });
  const masker = createMasker({ workerCount: defaultWorkerCount() });
  const leaving = new AbortController();
  let tookPart = false;
  const hasUnusableData = (): boolean => config.whenDataUnusable === "leave" && compute.dataFailure() !== null;
  function onNotice(notice: Notice): void {
    onProgress(notice);
    if (notice.kind === "phase" && notice.to === "training") tookPart = true;
    if (notice.kind === "idle" && tookPart && config.whenIdle === "leave") leaving.abort();
    if (notice.kind === "refused" && hasUnusableData()) leaving.abort();
  }
  const { signingKey, authorityPublicKey } = files;
  const options = {
    client,
    signingKey,
    face,
    authorityPublicKey,
    policy,
    compute,
    masker,
    marks,
    clock,
    rng,
    logger,
    onProgress: onNotice,
  };
  try {
    await createClient(options).run(AbortSignal.any([signal, leaving.signal]));
  } finally {
    await masker.close();
    await compute.dispose();
  }
  const failure = compute.dataFailure();
  if (hasUnusableData() && failure !== null) throw failure;
}
