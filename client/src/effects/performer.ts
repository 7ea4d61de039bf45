import { after, assertNever, type Clock, type FlError, type Logger, type Rng, toFlError, wipeInto } from "@sotto/base";
import { seededRng, seedFrom } from "@sotto/crypto";
import type { Masker } from "@sotto/masking";
import type { Answer, CoordinatorFace, Position, Submission, UploadDeclaration } from "@sotto/protocol";
import type { EncodedContribution } from "@sotto/vector";
import type { Effect, Notice } from "../round/effect.ts";
import type { Errand, Event, Sent } from "../round/event.ts";
import { encodeLocal, type PreparedContribution, packMasked } from "../update/prepare.ts";
import { chunksOf } from "./chunks.ts";
import type { Compute } from "./compute.ts";
import { deliver } from "./deliver.ts";
import { fetchModel } from "./fetch-model.ts";
import { createHolding } from "./holding.ts";
import { poll } from "./poll.ts";
import { report } from "./report.ts";
import { assertGoing, type RetryRule, retrying } from "./retry.ts";
import { within } from "./within.ts";

/** What effects are performed with. */
export interface PerformerPorts {
  readonly face: CoordinatorFace;
  readonly compute: Compute;
  /** Adds masks; borrowed. */
  readonly masker: Masker;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly onProgress: (notice: Notice) => void;
  /** Where results go: each is another event. */
  readonly emit: (event: Event) => void;
  /** Told of what the client cannot go on after. */
  readonly fail: (error: FlError) => void;
}

type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

/** For the roster and the model. */
const fetching: RetryRule = { attemptsMax: 8, baseMs: 500, capMs: 15_000 };
/** Longest wait for the answer to one small call. */
const callMsMax = 60_000;
/** What messages on their way get when the client stops. */
const farewellMs = 2_000;

/** Performs effects. Owns the work in flight and the one vector of the round. */
export class Performer {
  readonly #ports: PerformerPorts;
  readonly #holding = createHolding();
  readonly #running = new Set<Promise<void>>();
  readonly #polling = new AbortController();
  #round = new AbortController();

  constructor(ports: PerformerPorts) {
    this.#ports = ports;
  }

  /** Begins an effect and returns. What it comes to is emitted, unless its round was dropped meanwhile. */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case "poll":
        this.#poll(effect);
        return;
      case "fetch-roster":
        this.#fetchRoster(effect);
        return;
      case "compute":
        this.#compute(effect);
        return;
      case "wake":
        this.#wake(effect);
        return;
      case "submit":
        this.#submit(effect.submission);
        return;
      case "mask":
        this.#mask(effect);
        return;
      case "upload":
        this.#upload(effect.declaration);
        return;
      case "drop":
        if (effect.what === "round") this.#dropRound();
        else this.#holding.dropPacked();
        return;
      case "notice":
        this.#tell(effect.notice);
        return;
      default:
        assertNever(effect);
    }
  }

  /** Ends all work, wiping what is held; messages on their way get a moment to arrive. */
  async close(): Promise<void> {
    const { clock } = this.#ports;
    this.#polling.abort();
    const limit = new AbortController();
    const settled = Promise.allSettled(this.#running).then(() => limit.abort());
    await Promise.race([settled, clock.sleepUntil(after(clock.now(), farewellMs), limit.signal)]);
    this.#dropRound();
  }

  #poll({ cursor, notBefore }: EffectOf<"poll">): void {
    const { emit, fail, clock, rng } = this.#ports;
    const { signal } = this.#polling;
    this.#run(async () => {
      try {
        const instruction = await poll({ ...this.#ports, signal }, cursor, notBefore);
        emit({ ...instruction, at: clock.now(), seed: seedFrom(rng) });
      } catch (thrown) {
        if (!signal.aborted) fail(toFlError(thrown));
      }
    });
  }

  #fetchRoster({ position, digest }: EffectOf<"fetch-roster">): void {
    const { face, clock, rng } = this.#ports;
    this.#errand("roster", position, async (signal) => {
      const call = { clock, limitMs: callMsMax, signal };
      const bytes = await retrying(fetching, { clock, rng, signal }, () => within(call, () => face.roster(digest)));
      return { kind: "roster", position, bytes, at: clock.now() };
    });
  }

  #compute({ position, plan, modelDigest, modelSizeBytes }: EffectOf<"compute">): void {
    const { face, compute, clock, rng } = this.#ports;
    const wanted = { digest: modelDigest, sizeBytes: modelSizeBytes };
    this.#errand("compute", position, async (signal) => {
      const model = await retrying(fetching, { clock, rng, signal }, () => fetchModel(face, wanted, signal));
      const contribution = await compute.contribute({ plan, round: position.round, model, signal });
      if (signal.aborted) contribution.update?.fill(0);
      else this.#holding.keep(contribution);
      return { kind: "computed", position, at: clock.now() };
    });
  }

  #mask(effect: EffectOf<"mask">): void {
    const { position, masks, seed } = effect;
    const { clock } = this.#ports;
    this.#errand("mask", position, async (signal) => {
      // The poll of the same step is begun first: encoding holds the thread for as long as it takes.
      await Promise.resolve();
      try {
        const { packed, digest } = await this.#maskHeld(effect, signal);
        return { kind: "masked", position, contributionDigest: digest, sizeBytes: packed.length, at: clock.now() };
      } finally {
        wipeInto(seed, ...masks.map(({ key }) => key));
      }
    });
  }

  async #maskHeld(effect: EffectOf<"mask">, signal: AbortSignal): Promise<PreparedContribution> {
    assertGoing(signal);
    const encoded = this.#encodeHeld(effect);
    const masked = await this.#ports.masker.mask(encoded, effect.masks);
    assertGoing(signal);
    const prepared = packMasked(masked, effect);
    this.#holding.keepPacked(prepared.packed);
    return prepared;
  }

  #encodeHeld({ plan, cohortSize, seed }: EffectOf<"mask">): EncodedContribution {
    const contribution = this.#holding.giveUp();
    try {
      return encodeLocal(contribution, { plan, cohortSize }, seededRng(seed));
    } finally {
      contribution.update?.fill(0);
    }
  }

  #wake({ position, at }: EffectOf<"wake">): void {
    const { clock, emit } = this.#ports;
    const { signal } = this.#round;
    clock.sleepUntil(at, signal).then(() => {
      if (!signal.aborted) emit({ kind: "deadline", position, at: clock.now() });
    });
  }

  #submit(submission: Submission): void {
    const { face, clock } = this.#ports;
    const call = { clock, limitMs: callMsMax, signal: this.#round.signal };
    const spent = submission.kind === "reveal" ? submission.reveal.shares.map(({ share }) => share) : [];
    this.#message({ about: submission.kind, position: submission.position, spent }, () => within(call, () => face.submit(submission)));
  }

  #upload(declaration: UploadDeclaration): void {
    const { face } = this.#ports;
    const { signal } = this.#round;
    // Held here too: the coordinator can fix the survivors before its answer to this upload arrives.
    const packed = this.#holding.packed();
    this.#message({ about: "upload", position: declaration.position, spent: [] }, () => face.upload(declaration, chunksOf(packed), signal));
  }

  #message({ about, position, spent }: Message, send: () => Promise<Answer>): void {
    const { clock, rng, logger, emit } = this.#ports;
    const { signal } = this.#round;
    this.#run(async () => {
      const answer = await deliver(about, { clock, rng, logger, signal }, send);
      wipeInto(...spent);
      if (signal.aborted) return;
      const at = clock.now();
      emit(answer === null ? { kind: "undelivered", position, about, at } : { kind: "answered", position, about, answer, at });
    });
  }

  /** Local work of the round: its failure is an event like its result. */
  #errand(during: Errand, position: Position, work: (signal: AbortSignal) => Promise<Event>): void {
    const { clock, logger, emit } = this.#ports;
    const { signal } = this.#round;
    this.#run(async () => {
      const event = await work(signal).catch((thrown: unknown): Event => {
        const error = toFlError(thrown);
        if (!signal.aborted) logger.error(`${during} failed`, { round: position.round, code: error.code, reason: error.message });
        return { kind: "failed", position, during, code: error.code, at: clock.now() };
      });
      if (!signal.aborted) emit(event);
    });
  }

  #dropRound(): void {
    this.#round.abort();
    this.#round = new AbortController();
    this.#holding.drop();
  }

  #tell(notice: Notice): void {
    report(this.#ports.logger, notice);
    this.#ports.onProgress(notice);
  }

  #run(work: () => Promise<void>): void {
    const running = work().catch((thrown: unknown) => this.#ports.fail(toFlError(thrown)));
    this.#running.add(running);
    running.then(() => this.#running.delete(running));
  }
}

/** A message on its way, and the secrets in it that nobody needs once it is delivered. */
interface Message {
  readonly about: Sent;
  readonly position: Position;
  readonly spent: readonly Uint8Array[];
}
