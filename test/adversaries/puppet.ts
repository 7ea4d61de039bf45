import { after, type ClientId, type Clock, FlError, type Rng, utf8 } from "@sotto/base";
import { seededRng, seedFrom, sha256, sha256Digest } from "@sotto/crypto";
import { enrolledKeys, type Roster } from "@sotto/identity";
import {
  type Answer,
  type CoordinatorFace,
  type Cursor,
  contributionShapeOf,
  type Position,
  parsePlan,
  type Submission,
  scalarsOf,
} from "@sotto/protocol";
import {
  type Advert,
  type AttestingState,
  advertise,
  attest,
  type KeyingState,
  maskInto,
  prepareMasks,
  type Reveal,
  type RevealingState,
  type RevealRequest,
  reveal,
  type ShareBundle,
  type SharingState,
  type SubmittingState,
  shareKeys,
  signHeader,
} from "@sotto/secagg";
import { clipUpdate, encodeContribution, laneBits, packLanes } from "@sotto/vector";
import { plan as attackedPlan, contributionOf, identityOf } from "./hospitals.ts";
import type { Order, Stage } from "./relayed.ts";
import { must, type Upload } from "./session.ts";

/** What a puppet does instead of its part at a stage. */
export type Misdeeds = { readonly [S in Stage]?: (puppet: Puppet, order: Order<S>) => Promise<void> };

/** What a puppet is made of. */
interface PuppetOptions {
  readonly client: ClientId;
  readonly roster: Roster;
  readonly face: CoordinatorFace;
  readonly clock: Clock;
  readonly misdeeds: Misdeeds;
}

/**
 * A client whose every message is made by hand with the functions of the protocol: it does its part, but for its misdeeds. The states it went through lie
 * open, for a misdeed to doctor and to sign with.
 */
export class Puppet {
  readonly client: ClientId;
  readonly clock: Clock;
  readonly face: CoordinatorFace;
  /** What the coordinator answered, in order. */
  readonly answers: Answer[] = [];
  keying: KeyingState | null = null;
  sharing: SharingState | null = null;
  submitting: SubmittingState | null = null;
  attesting: AttestingState | null = null;
  revealing: RevealingState | null = null;
  readonly #options: PuppetOptions;
  readonly #rng: Rng;
  readonly #gone = new AbortController();
  readonly #misdeeds: Promise<void>[] = [];
  #plan = attackedPlan;
  #cursor: Cursor | null = null;

  constructor(options: PuppetOptions) {
    const { client, clock, face } = options;
    this.client = client;
    this.clock = clock;
    this.face = face;
    this.#options = options;
    this.#rng = seededRng(sha256(utf8(`puppet ${client}`)));
  }

  /** Obeys the coordinator in its first round, until `signal` aborts or the puppet disconnects; later rounds it hears of and keeps silent. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#poll(signal);
    await Promise.all(this.#misdeeds);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const over = AbortSignal.any([signal, this.#gone.signal]);
    while (!over.aborted) {
      const instruction = await this.face.next(this.#cursor, over).catch(() => null);
      if (instruction === null) return;
      if (instruction.kind === "unchanged") continue;
      if (instruction.kind === "idle" || instruction.kind === "stand-down") {
        await this.#pause(Math.max(instruction.retryAfterMs, 1_000), over);
        continue;
      }
      this.#cursor = { ...instruction.position, kind: instruction.kind };
      if (instruction.position.round === 1) await this.#obey(instruction);
    }
  }

  /** Its connection goes, and it says nothing more. */
  disconnect(): void {
    this.#gone.abort();
  }

  /** Lets time pass. */
  wait(durationMs: number): Promise<void> {
    return this.#pause(durationMs, this.#gone.signal);
  }

  async submit(submission: Submission): Promise<Answer> {
    const answer = await this.face.submit(submission);
    this.answers.push(answer);
    return answer;
  }

  async upload({ declaration, bytes }: Upload, pieces: AsyncIterable<Uint8Array> = piecesOf(bytes)): Promise<Answer> {
    const answer = await this.face.upload(declaration, pieces, this.#gone.signal);
    this.answers.push(answer);
    return answer;
  }

  /** Its part of the session, as the protocol has it. */
  async act(order: Order): Promise<void> {
    const { position } = order;
    switch (order.kind) {
      case "train":
        this.#plan = parsePlan(order.plan);
        await this.submit({ kind: "ready", position });
        return;
      case "advertise":
        await this.submit({ kind: "advert", position, advert: this.advert(order) });
        return;
      case "share-keys":
        await this.submit({ kind: "shares", position, bundle: this.bundle(order) });
        return;
      case "mask":
        await this.upload(this.contribution(order));
        return;
      case "attest":
        await this.submit({ kind: "attestation", position, signature: this.attestation(order) });
        return;
      case "reveal":
        await this.submit({ kind: "reveal", position, reveal: this.revealed(order.request) });
        return;
    }
  }

  /** Fresh session keys, each time. */
  advert({ context }: Order<"advertise">): Advert {
    const { secretKey } = identityOf(this.client);
    const { advert, state } = advertise({ context, client: this.client, signingKey: secretKey, seed: seedFrom(this.#rng) });
    this.keying = state;
    return advert;
  }

  /** A fresh self seed and fresh shares, each time; `keying` may be doctored. */
  bundle({ adverts }: Order<"share-keys">, keying: KeyingState = held(this.keying)): ShareBundle {
    const { gamma, delta, cohortSizeMin } = this.#plan.aggregation;
    const rule = { enrolled: enrolledKeys(this.#options.roster), tolerance: { gamma, delta }, cohortSizeMin };
    const shared = must(shareKeys(keying, { ...rule, adverts, seed: seedFrom(this.#rng) }));
    this.sharing = shared.state;
    return shared.bundle;
  }

  /** The contribution of this client, masked, with its header. */
  contribution({ position, request }: Order<"mask">): Upload {
    const prepared = must(prepareMasks(held(this.sharing), request));
    this.submitting = prepared.state;
    const { update, weight, metrics } = contributionOf(this.client);
    const plan = this.#plan;
    const shape = contributionShapeOf(plan);
    const rule = plan.contribution;
    const bits = laneBits({ cohortSize: prepared.cohortSize, quantisationBits: rule.quantisationBits });
    const clipped = shape.parameterCount === 0 || update === null ? null : clipUpdate(update, rule.clipNorm);
    const encoded = encodeContribution({ update: clipped, weight, scalars: scalarsOf(plan, metrics), rule, shape, bits, rng: this.#rng });
    return this.headed(position, packLanes(maskInto(encoded, prepared.masks), bits));
  }

  /** These bytes with a header that says so, signed; `submitting` may be doctored. */
  headed(position: Position, bytes: Uint8Array, submitting: SubmittingState = held(this.submitting)): Upload {
    const { header, state } = signHeader(submitting, sha256Digest(bytes));
    this.attesting = state;
    return { declaration: { position, header, sizeBytes: bytes.length }, bytes };
  }

  attestation({ request }: Order<"attest">): Uint8Array {
    const attested = must(attest(held(this.attesting), request));
    this.revealing = attested.state;
    return attested.signature;
  }

  /** What it reveals, signed; `revealing` may be doctored. */
  revealed(request: RevealRequest, revealing: RevealingState = held(this.revealing)): Reveal {
    return must(reveal(revealing, request)).reveal;
  }

  async #obey(order: Order): Promise<void> {
    const misdeed = this.#options.misdeeds[order.kind] as ((puppet: Puppet, order: Order) => Promise<void>) | undefined;
    if (misdeed === undefined) await this.act(order);
    else this.#misdeeds.push(misdeed(this, order)); // it polls meanwhile, so that it is not taken for lost
  }

  #pause(durationMs: number, signal: AbortSignal): Promise<void> {
    return this.clock.sleepUntil(after(this.clock.now(), durationMs), signal);
  }
}

/** Of a state that the puppet has reached. */
export function held<T>(state: T | null): T {
  if (state === null) throw new FlError("internal", "the puppet is not that far");
  return state;
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 64) yield bytes.subarray(offset, offset + 64);
}
