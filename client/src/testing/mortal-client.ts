import { writeSync } from "node:fs";
import { type Clock, type Instant, instant } from "@sotto/base";
import { randomRng } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import type { CoordinatorFace } from "@sotto/protocol";
import { toUpdate } from "@sotto/vector";
import { createClient } from "../client.ts";
import type { Compute } from "../effects/compute.ts";
import { openDirectoryMarks } from "../effects/directory-marks.ts";
import type { MarksStore } from "../effects/marks-store.ts";
import { memoryMarks } from "../effects/memory-marks.ts";
import { defaultPolicy } from "../guard/policy.ts";
import { signingKeyOf, testFederation } from "./federation.ts";
import { keepingLogger } from "./keeping-logger.ts";
import { type NewestMark, newestIn } from "./newest-mark.ts";
import { PeerHost } from "./peer-host.ts";
import { testPlan } from "./plan.ts";

/** What this program is told, as JSON in its argument: a process that runs four clients and may be killed as the first saves its marks. */
export interface MortalOrder {
  /** The first client's state directory. */
  readonly state: string;
  /** The save at which the process kills itself, by SIGKILL; null lets it live. */
  readonly death: { readonly at: NewestMark; readonly when: "before" | "during" | "after" } | null;
  /** How often round 1 is offered, each time in another session. */
  readonly offers: number;
}

/** Ten times as fast as the world: pauses between polls are short, and a stage still has six seconds of it. */
const clock: Clock = {
  now: () => instant(epoch + (Date.now() - epoch) * hurry),
  sleepUntil: (deadline, signal) => sleep(deadline, signal),
};
const epoch = Date.now();
const hurry = 10;

function sleep(deadline: Instant, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, Math.ceil((deadline - clock.now()) / hurry)));
    signal?.addEventListener("abort", done, { once: true });
    if (signal?.aborted === true) done();
  });
}

async function run({ state, death, offers }: MortalOrder): Promise<void> {
  const federation = testFederation(4);
  const [mortal] = federation.clients;
  const model = new Uint8Array(16);
  const host = new PeerHost({ federation, plan: testPlan(), model }, { clock, expected: federation.clients.length });
  const { authorityPublicKey } = federation;
  const marks = await openDirectoryMarks({ folder: state, client: mortal!, authorityPublicKey });
  const stopping = new AbortController();
  const running = federation.clients.map((client) => {
    const own =
      client === mortal
        ? { face: told(host.face(client)), marks: killedAt(marks, death) }
        : { face: host.face(client), marks: memoryMarks() };
    const policy = { ...defaultPolicy, minCohort: 3 };
    const masker = createMasker({ workerCount: 0 });
    const ports = { compute, masker, clock, rng: randomRng(), logger: keepingLogger(), onProgress: () => undefined };
    return createClient({ client, signingKey: signingKeyOf(client), authorityPublicKey, policy, ...ports, ...own }).run(stopping.signal);
  });
  for (let offer = 0; offer < offers; offer++) {
    if (offer > 0) host.offerAgain();
    await host.round();
  }
  stopping.abort();
  await Promise.all(running);
  await marks.close();
}

const compute: Compute = {
  async contribute() {
    const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
    return { update: toUpdate(new Float32Array(4)), weight: 100, metrics };
  },
};

/** A store at which the process ends: a fault at the port, in the code of no one. */
function killedAt(store: MarksStore, death: MortalOrder["death"]): MarksStore {
  return {
    ...store,
    async save(remembered) {
      const when = newestIn(remembered) === death?.at ? death.when : null;
      if (when === "before") die();
      const saving = store.save(remembered);
      if (when === "during") setImmediate(die);
      await saving;
      if (when === "after") die();
    },
  };
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Says what is sent as it is sent: a line each, for a withdrawal its code too. */
function told(face: CoordinatorFace): CoordinatorFace {
  return {
    ...face,
    submit(submission) {
      const code = submission.kind === "withdrawal" ? ` ${submission.reason.split(":")[0]}` : "";
      writeSync(1, `${submission.kind}${code}\n`);
      return face.submit(submission);
    },
    upload(declaration, chunks, signal) {
      writeSync(1, "upload\n");
      return face.upload(declaration, chunks, signal);
    },
  };
}

await run(JSON.parse(process.argv[2] ?? "") as MortalOrder);
