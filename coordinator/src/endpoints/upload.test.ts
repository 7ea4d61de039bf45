import { type ClientId, FlError } from "@sotto/base";
import type { Answer, CoordinatorFace, Instruction, Submission } from "@sotto/protocol";
import { assert, describe, expect, test } from "vitest";
import type { Peer, Reply } from "../testing/peer.ts";
import { type TinyCoordinator, tinyCoordinator, untilEvent, untilOver } from "../testing/tiny-coordinator.ts";
import { tinyDigest, tinySpec } from "../testing/tiny-task.ts";

type Upload = Extract<Reply, { kind: "upload" }>;

interface Scene {
  readonly house: TinyCoordinator;
  readonly client: ClientId;
  readonly face: CoordinatorFace;
  /** What the client, played by hand, is about to upload. */
  readonly upload: Upload;
  /** What it was told up to now. */
  readonly told: readonly Instruction[];
  readonly task: Awaited<ReturnType<TinyCoordinator["submit"]>>;
}

const unaborted = new AbortController().signal;

/** A round in collecting: everybody else has uploaded, or all but one, and this client holds its contribution in its hand. */
async function scene({ missing = 0 }: { readonly missing?: number } = {}): Promise<Scene> {
  const house = tinyCoordinator(5);
  const task = await house.submit(tinySpec({ rounds: 1 }));
  const [client, ...others] = house.federation.clients as [ClientId, ...ClientId[]];
  for (const [i, other] of others.entries())
    house.start(other, { onInstruction: (kind) => (kind === "mask" && i < missing ? "vanish" : "act") });
  const face = house.coordinator.client(client);
  const peer = house.federation.peer(client);
  const told: Instruction[] = [];
  for (const kind of ["train", "advertise", "share-keys"]) {
    told.push(await nextOf(house, { face, peer }, kind));
    const reply = peer.respond(told.at(-1)!)!;
    if (reply.kind === "submission") await face.submit(reply.submission);
  }
  told.push(await nextOf(house, { face, peer }, "mask"));
  const upload = uploadOf(peer, told.at(-1)!);
  await house.clock.settle();
  return { house, client, face, upload, told, task };
}

function uploadOf(peer: Peer, instruction: Instruction): Upload {
  const reply = peer.respond(instruction);
  if (reply?.kind !== "upload") throw new FlError("internal", "a client told to mask uploads");
  return reply;
}

async function nextOf(house: TinyCoordinator, { face, peer }: { face: CoordinatorFace; peer: Peer }, kind: string): Promise<Instruction> {
  let instruction: Instruction | null = null;
  void face.next(peer.cursor, unaborted).then((next) => {
    instruction = next;
  });
  await house.clock.runUntil(() => instruction !== null, 30_000);
  expect(instruction).toMatchObject({ kind });
  return instruction!;
}

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

function send(
  { face, upload }: Scene,
  change: { readonly bytes?: Uint8Array; readonly declaration?: Upload["declaration"] } = {},
): Promise<Answer> {
  return face.upload(change.declaration ?? upload.declaration, pieces(change.bytes ?? upload.bytes), unaborted);
}

test("a contribution counts once, however often it is sent", async () => {
  const at = await scene();
  expect(await send(at)).toEqual({ kind: "accepted" });
  expect(await send(at)).toEqual({ kind: "duplicate" });
  await untilEvent(at.house, at.task, (event) => event.kind === "phase" && event.phase === "attesting");
  expect(await send(at)).toEqual({ kind: "duplicate" });
  await at.house.close();
});

test("a second header that contradicts the first convicts its client, though no byte of its contribution is read", async () => {
  const at = await scene({ missing: 1 });
  expect(await send(at)).toEqual({ kind: "accepted" });
  // The same client once more, which this time complains of a dealer.
  const twin = at.house.federation.peer(at.client);
  for (const instruction of at.told.slice(0, -1)) twin.respond(instruction);
  const mask = at.told.at(-1)!;
  assert(mask.kind === "mask", "the last it was told is to mask");
  const dealt = mask.request.dealt.map((one, i) => (i === 0 ? { ...one, leaf: one.leaf.map((byte) => byte ^ 1) } : one));
  const other = uploadOf(twin, { ...mask, request: { ...mask.request, dealt } });
  const unread: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new FlError("internal", "nobody reads this")) }),
  };
  for (let times = 0; times < 2; times++) {
    expect(await at.face.upload(other.declaration, unread, unaborted)).toMatchObject({ kind: "refused", code: "conflicting-message" });
  }
  expect(await send(at)).toEqual({ kind: "duplicate" });
  await at.house.close();
  expect([...at.house.evidence.files.keys()]).toEqual([`${at.task}-1-${at.client}-equivocation.json`]);
});

describe("an upload is refused, and the true one still counts, when", () => {
  test.each([
    ["it ends early, as a cut connection looks", (bytes: Uint8Array) => bytes.subarray(0, -1), "incomplete-upload"],
    ["it is longer than declared", (bytes: Uint8Array) => new Uint8Array([...bytes, 0]), "incomplete-upload"],
    ["its bytes are not those of the header", (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1), "digest-mismatch"],
  ])("%s", async (_, change, code) => {
    const at = await scene();
    expect(await send(at, { bytes: change(at.upload.bytes) })).toMatchObject({ kind: "refused", code });
    expect(await send(at)).toEqual({ kind: "accepted" });
    await at.house.close();
  });

  test("it declares another size, of which no byte is read", async () => {
    const at = await scene();
    let isRead = false;
    async function* unread(): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield new Uint8Array(1);
    }
    const declaration = { ...at.upload.declaration, sizeBytes: 1 };
    expect(await at.face.upload(declaration, unread(), unaborted)).toMatchObject({ kind: "refused", code: "wrong-lane-width" });
    expect(isRead).toBe(false);
    await at.house.close();
  });

  test("its header is not signed over it", async () => {
    const at = await scene();
    const header = { ...at.upload.declaration.header, contributionDigest: tinyDigest("other") };
    const answer = await send(at, { declaration: { ...at.upload.declaration, header } });
    expect(answer).toMatchObject({ kind: "refused", code: "bad-signature" });
    await at.house.close();
  });

  test("it names a task, round or session that is not running", async () => {
    const at = await scene();
    const { position } = at.upload.declaration;
    const answerAt = (change: object): Promise<Answer> =>
      send(at, { declaration: { ...at.upload.declaration, position: { ...position, ...change } } });
    expect(await answerAt({ task: "other" })).toMatchObject({ code: "unknown-task" });
    expect(await answerAt({ round: 2 })).toMatchObject({ code: "unknown-position" });
    expect(await answerAt({ session: 1 })).toMatchObject({ code: "unknown-position" });
    await at.house.close();
  });
});

test("an upload that stalls is ended by the phase's deadline, and its client is out", async () => {
  const at = await scene();
  let answer: Answer | null = null;
  async function* stalling(): AsyncGenerator<Uint8Array> {
    yield at.upload.bytes.subarray(0, 3);
    await new Promise(() => undefined);
  }
  void at.face.upload(at.upload.declaration, stalling(), unaborted).then((given) => {
    answer = given;
  });
  await at.house.clock.runUntil(() => answer !== null, 60_000);
  expect(answer).toMatchObject({ kind: "refused", code: "incomplete-upload" });
  const events = await untilOver(at.house, at.task);
  expect(events.find((event) => event.kind === "committed")).toMatchObject({
    record: { dropped: [{ client: at.client, phase: "collecting", reason: "did not answer in time" }] },
  });
  expect(await send(at)).toMatchObject({ kind: "stale", round: 2 });
  await at.house.close();
});

test("a second upload of the same client ends the first", async () => {
  const at = await scene();
  let isFirstOver = false;
  async function* stalling(): AsyncGenerator<Uint8Array> {
    yield at.upload.bytes.subarray(0, 3);
    await new Promise(() => undefined);
  }
  void at.face.upload(at.upload.declaration, stalling(), unaborted).then(() => {
    isFirstOver = true;
  });
  await at.house.clock.settle();
  expect(await send(at)).toEqual({ kind: "accepted" });
  await at.house.clock.settle();
  expect(isFirstOver).toBe(true);
  await at.house.close();
});

test("a submission of a client that is no part of the round is refused", async () => {
  const at = await scene();
  const stranger = at.house.coordinator.client(tinyCoordinator(9).federation.clients[8]!);
  const { position } = at.upload.declaration;
  const words: readonly Submission[] = [
    { kind: "ready", position },
    { kind: "attestation", position, signature: new Uint8Array(64) },
    { kind: "reveal", position, reveal: { shares: [], signature: new Uint8Array(64) } },
    { kind: "withdrawal", position, reason: "" },
  ];
  for (const word of words) expect(await stranger.submit(word)).toMatchObject({ kind: "refused", code: "not-in-cohort" });
  await at.house.close();
});
