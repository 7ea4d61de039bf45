import { FlError, parseDigest, parseRoundNumber, parseSessionNumber, type Rng, utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256, sha256Digest, toSeed } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import type { CoordinatorFace, UploadDeclaration } from "@sotto/protocol";
import { toUpdate } from "@sotto/vector";
import { expect, test } from "vitest";
import type { Event } from "../round/event.ts";
import { testFederation } from "../testing/federation.ts";
import { keepingLogger } from "../testing/keeping-logger.ts";
import { PeerHost } from "../testing/peer-host.ts";
import { testPlan } from "../testing/plan.ts";
import { prepared } from "../testing/prepared.ts";
import type { LocalContribution } from "../update/prepare.ts";
import type { Compute } from "./compute.ts";
import { Performer } from "./performer.ts";

const plan = testPlan();
const model = new Uint8Array(new Float32Array([0.5, -0.5, 1, 2]).buffer);
const position = { task: plan.task, round: parseRoundNumber(1), session: parseSessionNumber(0) };
const compute = { kind: "compute", position, plan, modelDigest: sha256Digest(model), modelSizeBytes: model.length } as const;

function contribution(value: number): LocalContribution {
  const metrics = { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] };
  return { update: toUpdate(new Float32Array(4).fill(value)), weight: 100, metrics };
}

interface Bench {
  readonly performer: Performer;
  readonly clock: VirtualClock;
  readonly events: Event[];
  readonly logger: ReturnType<typeof keepingLogger>;
  /** Lets everything happen that needs no time. */
  quiet(): Promise<void>;
}

function benchWith(work: Compute, change: Partial<CoordinatorFace> = {}): Bench {
  const clock = new VirtualClock();
  const federation = testFederation(3);
  const host = new PeerHost({ federation, plan, model }, { clock, expected: 3 });
  const events: Event[] = [];
  const logger = keepingLogger();
  const performer = new Performer({
    face: { ...host.face(federation.clients[0]!), ...change },
    compute: work,
    masker: createMasker({ workerCount: 0 }),
    clock,
    rng: rng(),
    logger,
    onProgress: () => undefined,
    emit: (event) => void events.push(event),
    fail: (error) => {
      throw error;
    },
  });
  return { performer, clock, events, logger, quiet: () => clock.run(Promise.resolve()) };
}

function rng(): Rng {
  return seededRng(sha256(utf8("performer")));
}

function maskEffect() {
  const masks = [{ key: sha256(utf8("mask")), sign: 1 }] as const;
  return { kind: "mask", position, plan, cohortSize: 3, masks, seed: toSeed(sha256(utf8("rounding"))) } as const;
}

test("work of a dropped round comes to nothing, however late it ends", async () => {
  const late = contribution(0.3);
  const finish: ((computed: LocalContribution) => void)[] = [];
  const bench = benchWith({ contribute: () => new Promise((resolve) => finish.push(resolve)) });
  bench.performer.perform(compute);
  await bench.quiet();
  bench.performer.perform({ kind: "drop", what: "round" });
  bench.performer.perform(compute);
  await bench.quiet();
  finish[1]!(contribution(0.1));
  await bench.quiet();
  finish[0]!(late);
  await bench.quiet();
  bench.performer.perform(maskEffect());
  await bench.quiet();
  expect(bench.events.map(({ kind }) => kind)).toEqual(["computed", "masked"]);
  const { masks, seed } = maskEffect();
  const expected = prepared(contribution(0.1), { plan, cohortSize: 3 }, { masks, rng: seededRng(seed) });
  expect(bench.events[1]).toMatchObject({ contributionDigest: expected.digest, sizeBytes: expected.packed.length });
  expect([...late.update!]).toEqual([0, 0, 0, 0]);
});

test("masking gives the update up, wipes it with keys and seed, and cannot be done twice", async () => {
  const computed = contribution(0.1);
  const bench = benchWith({ contribute: async () => computed });
  bench.performer.perform(compute);
  await bench.quiet();
  const effect = maskEffect();
  bench.performer.perform(effect);
  bench.performer.perform(maskEffect());
  await bench.quiet();
  expect(bench.events.map(({ kind }) => kind).sort()).toEqual(["computed", "failed", "masked"]);
  for (const wiped of [computed.update!, effect.seed, effect.masks[0].key]) expect([...wiped].every((value) => value === 0)).toBe(true);
});

test("an upload is the packed bytes, and again the same ones, also after they were dropped for being safe", async () => {
  const uploads: Uint8Array[] = [];
  let calls = 0;
  const bench = benchWith(
    { contribute: async () => contribution(0.1) },
    {
      upload: async (_, chunks) => {
        for await (const chunk of chunks) uploads.push(Uint8Array.from(chunk));
        if (calls++ === 0) throw new FlError("unavailable", "lost on the way back");
        return { kind: "duplicate" };
      },
    },
  );
  bench.performer.perform(compute);
  await bench.quiet();
  bench.performer.perform(maskEffect());
  await bench.quiet();
  const digest = sha256Digest(new Uint8Array());
  const declaration: UploadDeclaration = {
    position,
    header: { contributionDigest: digest, complaints: [], heldRoot: sha256(utf8("held")), signature: digestless },
    sizeBytes: 1,
  };
  bench.performer.perform({ kind: "upload", declaration });
  bench.performer.perform({ kind: "drop", what: "contribution" });
  await bench.clock.run(bench.clock.sleepUntil((bench.clock.now() + 1_000) as ReturnType<VirtualClock["now"]>));
  expect(uploads).toHaveLength(2);
  expect(uploads[1]).toEqual(uploads[0]);
  expect(bench.events.at(-1)).toMatchObject({ kind: "answered", about: "upload", answer: { kind: "duplicate" } });
});

const digestless = new Uint8Array(64);

test("revealed shares are wiped once they are delivered", async () => {
  const bench = benchWith({ contribute: async () => contribution(0.1) }, { submit: async () => ({ kind: "accepted" }) });
  const share = sha256(utf8("share"));
  const reveal = { shares: [{ owner: 0, kind: "self", share }], signature: digestless } as const;
  bench.performer.perform({ kind: "submit", submission: { kind: "reveal", position, reveal } });
  await bench.quiet();
  expect([...share].every((byte) => byte === 0)).toBe(true);
  expect(bench.events).toMatchObject([{ kind: "answered", about: "reveal", answer: { kind: "accepted" } }]);
});

test("a model that is not the one asked for fails the work, with the reason in the log alone", async () => {
  const bench = benchWith({ contribute: async () => contribution(0.1) });
  bench.performer.perform({ ...compute, modelDigest: parseDigest("ab".repeat(32)) });
  await bench.quiet();
  expect(bench.events).toMatchObject([{ kind: "failed", during: "compute", code: "not-found" }]);
  expect(bench.logger.lines).toContainEqual(expect.objectContaining({ level: "error", message: "compute failed" }));
});

test("a deadline is told at its time, and not of a round that was dropped", async () => {
  const bench = benchWith({ contribute: async () => contribution(0.1) });
  const at = (bench.clock.now() + 5_000) as ReturnType<VirtualClock["now"]>;
  bench.performer.perform({ kind: "wake", position, at });
  bench.performer.perform({ kind: "drop", what: "round" });
  bench.performer.perform({ kind: "wake", position, at });
  await bench.clock.run(bench.clock.sleepUntil(at));
  expect(bench.events).toEqual([{ kind: "deadline", position, at }]);
});

test("closing waits a moment for a message on its way, and no longer", async () => {
  const bench = benchWith({ contribute: async () => contribution(0.1) }, { submit: () => new Promise(() => undefined) });
  const started = bench.clock.now();
  bench.performer.perform({ kind: "submit", submission: { kind: "ready", position } });
  await bench.clock.run(bench.performer.close());
  expect(bench.clock.now() - started).toBe(2_000);
  expect(bench.events).toEqual([]);
});
