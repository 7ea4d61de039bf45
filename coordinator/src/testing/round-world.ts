import { createServerOptimizer } from "@sotto/aggregation";
import { after, type ClientId, equalBytes, type Instant, instant, invariant } from "@sotto/base";
import { ed25519Verifier, sha256Digest } from "@sotto/crypto";
import type { Answer, Metrics } from "@sotto/protocol";
import { type Accumulator, contextDigest, removeMasksInto, unmask, verifyEvidence } from "@sotto/secagg";
import { encodeModel, toModelVector } from "@sotto/vector";
import type { ClientWord } from "../command.ts";
import { failureOf } from "../effects/release.ts";
import { TaskVectors } from "../effects/task-vectors.ts";
import { wordOf } from "../endpoints/submit.ts";
import { release } from "../release/release.ts";
import type { RoundEffect } from "../round/effect.ts";
import type { Happening, RoundEvent } from "../round/event.ts";
import { instructionFor } from "../round/instruction.ts";
import { brokenInvariants } from "../round/invariants.ts";
import type { RoundState } from "../round/state.ts";
import { step } from "../round/step.ts";
import type { TaskSetup } from "../task/state.ts";
import { stepTask, submittedTask } from "../task/step.ts";
import type { Lie } from "./lies.ts";
import type { Peer, Reply } from "./peer.ts";
import { type TinyFederation, tinyDigest } from "./tiny-task.ts";

/** How a world is other than one in which everybody is asked and honest. */
export interface WorldOptions {
  readonly asked?: readonly ClientId[];
  readonly lies?: ReadonlyMap<ClientId, Lie>;
}

/** One round with its peers and its effects performed at once: the machine's world without a network. Every step is held to the invariants. */
export class RoundWorld {
  readonly setup: TaskSetup;
  readonly peers: ReadonlyMap<ClientId, Peer>;
  readonly effects: RoundEffect[] = [];
  state: RoundState;
  at: Instant = instant(1_000_000);
  /** What the release made of the sum; null before. */
  outcome: { readonly model: readonly number[]; readonly metrics: Metrics | null; readonly weight: number } | null = null;
  /** Set to keep an effect from being performed. */
  isReleaseHeld = false;
  readonly #vectors: TaskVectors;
  readonly #staged = new Map<number, Uint8Array>();
  #release: Extract<RoundEffect, { kind: "release" }> | null = null;

  constructor(federation: TinyFederation, setup: TaskSetup, { asked = federation.clients, lies = new Map() }: WorldOptions = {}) {
    this.setup = setup;
    this.peers = new Map(federation.clients.map((client) => [client, federation.peer(client, lies.get(client))]));
    this.#vectors = new TaskVectors(createServerOptimizer(setup.spec.serverOptimizer).init(setup.plans.train.shape.parameterCount));
    const task = submittedTask(setup, { digest: tinyDigest("model"), at: this.at }).state;
    const begun = stepTask(task, { kind: "begin", clients: asked, at: this.at });
    invariant(begun.state.round !== null, "a task that begins has a round");
    this.state = begun.state.round;
    this.effects.push(...begun.effects);
  }

  peer(client: ClientId): Peer {
    const peer = this.peers.get(client);
    invariant(peer !== undefined, `${client} is a peer`);
    return peer;
  }

  /** Steps, checks every invariant, performs. Gives the answer, if the event gets one. */
  step(event: Happening): Answer | null {
    const before = this.state;
    const timed: RoundEvent = { ...event, at: this.at };
    const result = step(before, timed);
    const broken = brokenInvariants(before, timed, result);
    invariant(broken.length === 0, `${timed.kind} in ${before.phase}: ${broken.join("; ")}`);
    this.state = result.state;
    this.effects.push(...result.effects);
    for (const effect of result.effects) this.#perform(effect);
    if (this.#release !== null && !this.isReleaseHeld) this.performRelease();
    return result.effects.find((effect) => effect.kind === "answer")?.answer ?? null;
  }

  /** Lets time pass and the alarm ring. */
  wait(durationMs: number): void {
    this.at = after(this.at, durationMs);
    this.step({ kind: "tick" });
  }

  /** The client polls and takes up what it is told; gives what it would say. */
  ask(client: ClientId): Reply | null {
    const peer = this.peer(client);
    this.step({ kind: "polled", client, cursor: peer.cursor });
    return peer.respond(instructionFor(this.state, client, peer.cursor));
  }

  /** Says what the client would. */
  say(client: ClientId, reply: Reply): Answer | null {
    return this.step(this.wordOf(client, reply));
  }

  /** One full turn of a client: poll and answer. Gives the coordinator's answer, or null when there was nothing to say. */
  turn(client: ClientId): Answer | null {
    const reply = this.ask(client);
    return reply === null ? null : this.say(client, reply);
  }

  /** Each of these clients takes a turn. */
  turns(clients: Iterable<ClientId>): void {
    for (const client of clients) this.turn(client);
  }

  wordOf(client: ClientId, reply: Reply): ClientWord {
    if (reply.kind === "upload") {
      const upload = this.#staged.size + 1;
      this.#staged.set(upload, reply.bytes);
      const { header } = reply.declaration;
      return { kind: "contribution-arrived", client, header, digest: sha256Digest(reply.bytes), sizeBytes: reply.bytes.length, upload };
    }
    return wordOf(client, reply.submission);
  }

  /** The sum that is to be opened, given up to the caller. */
  takeRelease(): { readonly effect: Extract<RoundEffect, { kind: "release" }>; readonly accumulator: Accumulator } {
    const effect = this.#release;
    invariant(effect !== null, "there is a sum to release");
    this.#release = null;
    return { effect, accumulator: this.#vectors.takeSum() };
  }

  performRelease(): void {
    const { effect, accumulator } = this.takeRelease();
    const { purpose } = this.state.setup;
    const { plan, shape } = this.setup.plans[purpose];
    const masks = unmask(effect.session);
    if (masks.kind === "refused") {
      this.step(failureOf(effect.session, masks.refusal));
      return;
    }
    const released = release({
      sum: removeMasksInto(accumulator.sum(), masks.value, effect.size.bits),
      plan,
      shape,
      bits: effect.size.bits,
      survivors: effect.survivors,
      survivorsMin: this.setup.spec.cohort.count.min,
      serverOptimizer: this.setup.spec.serverOptimizer,
      optimizerState: this.#vectors.optimizerState,
      model: toModelVector(new Float32Array(3)),
    });
    if (released.kind === "refused") {
      this.step(failureOf(effect.session, released.refusal));
      return;
    }
    const { model, metrics, weight } = released.value;
    this.outcome = { model: [...model], metrics, weight };
    this.step({ kind: "released", modelDigest: sha256Digest(encodeModel(model)), metrics, weight });
  }

  #perform(effect: RoundEffect): void {
    if (effect.kind === "accumulate") this.#vectors.accumulate(this.#staged.get(effect.upload) ?? new Uint8Array(0), effect);
    if (effect.kind === "release") this.#release = effect;
    if (effect.kind === "forget") this.#vectors.forget(effect.committed);
    if (effect.kind === "keep-evidence") this.#assertConvicts(effect);
  }

  /** Evidence must convict its client to anybody with the roster, in the session that it is kept with. */
  #assertConvicts({ context, evidence }: Extract<RoundEffect, { kind: "keep-evidence" }>): void {
    const verdict = verifyEvidence(evidence, (client) => {
      const key = this.setup.enrolled.verificationKey(client);
      return key === null ? null : ed25519Verifier(key);
    });
    invariant(verdict.kind === "ok" && verdict.value === evidence.accused, `evidence of ${evidence.kind} convicts ${evidence.accused}`);
    invariant(equalBytes(contextDigest(context), evidence.contextDigest), "evidence is of the session it is kept with");
  }
}
