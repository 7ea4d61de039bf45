import { FlError, utf8, VirtualClock } from "@sotto/base";
import { seededRng, sha256 } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import type { CoordinatorFace } from "@sotto/protocol";
import { expect, test } from "vitest";
import { createClient } from "./client.ts";
import type { Compute } from "./effects/compute.ts";
import { memoryMarks } from "./effects/memory-marks.ts";
import { defaultPolicy } from "./guard/policy.ts";
import { type ClientWorld, computeOf, startWorld, worldModel } from "./testing/client-world.ts";
import { signingKeyOf, testFederation } from "./testing/federation.ts";
import { keepingLogger } from "./testing/keeping-logger.ts";
import { PeerHost } from "./testing/peer-host.ts";
import { testPlan } from "./testing/plan.ts";

function meanOf({ host }: ClientWorld): readonly number[] {
  return [...(host.peer.result?.updateMean ?? [])];
}

test("four clients take part in two rounds and each sum is the weighted mean of their updates", async () => {
  const world = startWorld(4);
  for (let round = 1; round <= 2; round++) {
    await world.clock.run(world.host.round());
    for (const value of meanOf(world)) expect(value).toBeCloseTo(0.025, 3);
    expect(meanOf(world)).toHaveLength(4);
    world.host.nextRound();
  }
  await world.stop();
  expect(world.notices.filter(({ kind }) => kind === "done")).toHaveLength(8);
  expect(world.logger.lines.filter(({ level, message }) => level === "warn" && message.includes("at most 4 clients"))).toHaveLength(8);
});

test("calls that fail once each, in every place, leave the sum unchanged", async () => {
  const world = startWorld(4, (_, face) => ({ face: flaky(face) }));
  await world.clock.run(world.host.round());
  for (const value of meanOf(world)) expect(value).toBeCloseTo(0.025, 3);
  await world.stop();
});

/** Every call is lost once on its way and once on its way back, then passes. */
function flaky(face: CoordinatorFace): CoordinatorFace {
  let calls = 0;
  async function losing<T>(call: () => Promise<T>): Promise<T> {
    calls++;
    if (calls % 3 === 1) throw new FlError("unavailable", "the connection was lost on the way there");
    const result = await call();
    if (calls % 3 === 2) throw new FlError("unavailable", "the connection was lost on the way back");
    return result;
  }
  return {
    next: (cursor, signal) => losing(() => face.next(cursor, signal)),
    submit: (submission) => losing(() => face.submit(submission)),
    upload: (declaration, chunks, signal) => losing(() => face.upload(declaration, chunks, signal)),
    downloadModel: (digest, signal) => losing(() => face.downloadModel(digest, signal)),
    roster: (digest) => losing(() => face.roster(digest)),
  };
}

test("a client that cannot compute withdraws with the reason, and the others go on without it", async () => {
  const failing: Compute = {
    contribute: async () => {
      throw new FlError("invalid-argument", "column 3 is named weight and must be named height");
    },
  };
  const world = startWorld(5, (index) => (index === 2 ? { compute: failing } : {}));
  await world.clock.run(world.host.round());
  expect(world.host.peer.withdrawals).toEqual([
    { client: "ward-02", reason: "local-failure: computing the contribution failed with invalid-argument; why is in this client's log" },
  ]);
  for (const value of meanOf(world)) expect(value).toBeCloseTo((0.01 + 0.02 + 0.04 + 0.05) / 4, 3);
  expect(world.logger.lines).toContainEqual(expect.objectContaining({ level: "error", message: "compute failed" }));
  await world.stop();
});

test("a client keeps its long poll while it trains, and stops training when it is stood down", async () => {
  let polls = 0;
  let training: AbortSignal | null = null;
  const endless: Compute = {
    contribute: ({ signal }) => {
      training = signal;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new FlError("cancelled", "stopped"))));
    },
  };
  const world = startWorld(5, (index, face) => {
    if (index !== 0) return {};
    const next: CoordinatorFace["next"] = (cursor, signal) => {
      polls += cursor?.kind === "train" ? 1 : 0;
      return face.next(cursor, signal);
    };
    return { face: { ...face, next }, compute: endless };
  });
  await world.clock.run(world.host.round());
  for (const value of meanOf(world)) expect(value).toBeCloseTo(0.035, 3);
  expect(polls).toBeGreaterThan(1);
  await world.clock.run(world.clock.sleepUntil((world.clock.now() + 30_000) as ReturnType<typeof world.clock.now>));
  expect((training as AbortSignal | null)?.aborted).toBe(true);
  await world.stop();
});

test("a client that is stopped in a session withdraws from it", async () => {
  const world = startWorld(4);
  await world.clock.run(Promise.resolve());
  world.host.closeStage();
  await world.clock.run(Promise.resolve());
  expect(world.notices.filter((notice) => notice.kind === "phase" && notice.to === "keying")).toHaveLength(4);
  await world.stop();
  expect(world.host.peer.withdrawals.map(({ reason }) => reason)).toEqual(Array(4).fill("stopping: the client is being stopped"));
});

test("a client that must end in the middle of a round still withdraws from it", async () => {
  const world = startWorld(4, (index, face) => {
    if (index !== 0) return {};
    const next: CoordinatorFace["next"] = (cursor, signal) =>
      cursor?.kind === "advertise" ? Promise.reject(new FlError("permission-denied", "not enrolled any more")) : face.next(cursor, signal);
    return { face: { ...face, next } };
  });
  await world.clock.run(world.host.round());
  expect(world.host.peer.withdrawals).toEqual([{ client: "ward-00", reason: "stopping: the client is being stopped" }]);
  for (const value of meanOf(world)) expect(value).toBeCloseTo(0.03, 3);
  await expect(world.stop()).rejects.toMatchObject({ code: "permission-denied" });
});

test("a coordinator that will never answer ends the client with its error", async () => {
  const clock = new VirtualClock();
  const federation = testFederation(3);
  const { authorityPublicKey, clients } = federation;
  const host = new PeerHost({ federation, plan: testPlan(), model: worldModel }, { clock, expected: 3 });
  const unknown = new FlError("unauthenticated", "the certificate is not enrolled");
  const face: CoordinatorFace = { ...host.face(clients[0]!), next: () => Promise.reject(unknown) };
  const client = createClient({
    client: clients[0]!,
    signingKey: signingKeyOf(clients[0]!),
    face,
    authorityPublicKey,
    policy: defaultPolicy,
    masker: createMasker({ workerCount: 0 }),
    compute: computeOf(0),
    marks: memoryMarks(),
    clock,
    rng: seededRng(sha256(utf8("rng"))),
    logger: keepingLogger(),
    onProgress: () => undefined,
  });
  await expect(clock.run(client.run(new AbortController().signal))).rejects.toBe(unknown);
});
