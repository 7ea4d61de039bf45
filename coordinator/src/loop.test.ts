import { FlError, VirtualClock } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import { memoryBlobs } from "@sotto/storage";
import { createLogger } from "@sotto/telemetry";
import { expect, test } from "vitest";
import { memoryEvidence } from "./effects/memory-evidence.ts";
import { Loop } from "./loop.ts";
import { liveRound } from "./task/step.ts";
import { tinyDigest, tinyFederation, tinySetup, tinySpec } from "./testing/tiny-task.ts";

async function loopWithRound(): Promise<{
  readonly loop: Loop;
  readonly clock: VirtualClock;
  readonly setup: ReturnType<typeof tinySetup>;
}> {
  const federation = tinyFederation(3);
  const clock = new VirtualClock();
  const loop = new Loop({
    blobs: memoryBlobs(),
    clock,
    rng: seededRng(new Uint8Array(32)),
    logger: createLogger({ level: "silent" }),
    masker: createMasker({ workerCount: 0 }),
    evidence: memoryEvidence(),
  });
  const setup = tinySetup(federation, tinySpec());
  await loop.submit({ kind: "submit-task", setup, modelDigest: tinyDigest("initial") });
  for (const client of federation.clients) await loop.submit({ kind: "poll-began", client, cursor: null });
  return { loop, clock, setup };
}

test("a result of a round that is over does nothing to the next", async () => {
  const { loop, clock, setup } = await loopWithRound();
  const { position } = liveRound(loop.tasks.get(setup.task)!)!.setup;
  const failed = { kind: "performed", position, event: { kind: "failed", reason: "no disk", evidence: null } } as const;
  await loop.submit(failed);
  expect(liveRound(loop.tasks.get(setup.task)!)).toBeNull();
  await clock.runFor(1_000);
  expect(liveRound(loop.tasks.get(setup.task)!)?.setup.position.round).toBe(2);
  await loop.submit(failed);
  expect(liveRound(loop.tasks.get(setup.task)!)?.setup.position.round).toBe(2);
  await loop.close();
});

test("a task that is there cannot be submitted again", async () => {
  const { loop, setup } = await loopWithRound();
  const again = loop.submit({ kind: "submit-task", setup, modelDigest: tinyDigest("initial") });
  await expect(again).rejects.toMatchObject({ code: "already-exists" });
  await loop.close();
});

test("a result that cannot be true is a bug: the round is abandoned rather than stuck", async () => {
  const { loop, setup } = await loopWithRound();
  const { position } = liveRound(loop.tasks.get(setup.task)!)!.setup;
  const event = { kind: "released", modelDigest: tinyDigest("next"), metrics: null, weight: 1 } as const;
  await loop.submit({ kind: "performed", position, event });
  expect(loop.tasks.get(setup.task)).toMatchObject({
    modelDigest: tinyDigest("initial"),
    round: { phase: "ended", result: { kind: "abandoned", reason: "event released cannot happen in selecting" } },
  });
  await loop.close();
  await expect(loop.submit({ kind: "alarm" })).rejects.toThrow(FlError);
});

test("a forecast says what a word would be answered, and changes nothing", async () => {
  const { loop, setup } = await loopWithRound();
  const task = loop.tasks.get(setup.task)!;
  const { position } = liveRound(task)!.setup;
  const [client] = liveRound(task)!.asked.keys();
  expect(loop.forecast(position, { kind: "ready", client: client! })).toEqual({ kind: "accepted" });
  expect(loop.tasks.get(setup.task)).toBe(task);
  expect(await loop.submit({ kind: "word", position, word: { kind: "ready", client: client! } })).toEqual({ kind: "accepted" });
  expect(loop.forecast(position, { kind: "ready", client: client! })).toEqual({ kind: "duplicate" });
  await loop.close();
});
