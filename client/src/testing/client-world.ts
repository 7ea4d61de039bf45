import { utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256 } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import type { CoordinatorFace } from "@sotto/protocol";
import { connectCoordinator } from "@sotto/transport";
import { toUpdate } from "@sotto/vector";
import { expect } from "vitest";
import { type Client, type ClientOptions, createClient } from "../client.ts";
import type { Compute } from "../effects/compute.ts";
import { memoryMarks } from "../effects/memory-marks.ts";
import { defaultPolicy } from "../guard/policy.ts";
import type { Notice } from "../round/effect.ts";
import { signingKeyOf, testFederation } from "./federation.ts";
import { keepingLogger } from "./keeping-logger.ts";
import { PeerHost } from "./peer-host.ts";
import { testPlan } from "./plan.ts";

/** The model of every round of a {@link ClientWorld}. */
export const worldModel: Uint8Array = new Uint8Array(new Float32Array([0.5, -0.5, 1, 2]).buffer);

/** What client number `index` computes. */
export function computeOf(index: number): Compute {
  return {
    async contribute({ model: received }) {
      expect([...received]).toEqual([0.5, -0.5, 1, 2]);
      const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
      return { update: toUpdate(new Float32Array(4).fill((index + 1) / 100)), weight: 100, metrics };
    },
  };
}

/** Clients that run, and the host they run against. */
export interface ClientWorld {
  readonly clock: VirtualClock;
  readonly host: PeerHost;
  readonly logger: ReturnType<typeof keepingLogger>;
  readonly notices: readonly Notice[];
  readonly clients: readonly Client[];
  /** How each client ended. */
  readonly running: readonly Promise<void>[];
  /** Ends the clients; resolves when all have. */
  stop(): Promise<void>;
}

/** What a client may have of its own. */
export type OwnParts = Partial<Pick<ClientOptions, "face" | "compute" | "marks">>;

/** `count` clients that run against a host, every message through the wire codec. `change` may give a client parts of its own. */
export function startWorld(count: number, change: (index: number, face: CoordinatorFace) => OwnParts = () => ({})): ClientWorld {
  const clock = new VirtualClock();
  const federation = testFederation(count);
  const host = new PeerHost({ federation, plan: testPlan(), model: worldModel }, { clock, expected: count });
  const stopping = new AbortController();
  const logger = keepingLogger();
  const notices: Notice[] = [];
  const clients = federation.clients.map((client, index) => {
    const connected = connectCoordinator(host.face(client));
    const { face = connected, compute = computeOf(index), marks = memoryMarks() } = change(index, connected);
    const { authorityPublicKey } = federation;
    const onProgress = (notice: Notice): void => void notices.push(notice);
    const ports = {
      clock,
      rng: seededRng(sha256(utf8(`rng ${index}`))),
      logger,
      onProgress,
      marks,
      masker: createMasker({ workerCount: 0 }),
    };
    const policy = { ...defaultPolicy, minCohort: 3 };
    return createClient({ client, signingKey: signingKeyOf(client), face, authorityPublicKey, policy, compute, ...ports });
  });
  const running = clients.map((client) => client.run(stopping.signal));
  const ended = Promise.all(running).then(() => undefined);
  ended.catch(() => undefined); // `stop` gives it to the test: an early end must not count as unhandled
  return {
    clock,
    host,
    logger,
    notices,
    clients,
    running,
    async stop() {
      stopping.abort();
      await clock.run(ended);
    },
  };
}
