import { type ClientId, type Clock, FlError, type Logger, type Rng, toFlError, wipeInto } from "@sotto/base";
import { ed25519KeyPair } from "@sotto/crypto";
import type { Masker } from "@sotto/masking";
import type { CoordinatorFace } from "@sotto/protocol";
import type { Compute } from "./effects/compute.ts";
import { createInbox } from "./effects/inbox.ts";
import type { MarksStore } from "./effects/marks-store.ts";
import { Performer } from "./effects/performer.ts";
import type { Policy } from "./guard/policy.ts";
import type { Notice } from "./round/effect.ts";
import type { Event } from "./round/event.ts";
import { type Step, secretsIn, secretsInEffect } from "./round/moves.ts";
import { initialState, isSameRemembered, rememberedOf, type State } from "./round/state.ts";
import { step } from "./round/step.ts";

/** What a client is made of. */
export interface ClientOptions {
  readonly client: ClientId;
  /** Ed25519 secret key of its identity, 32 bytes; borrowed. */
  readonly signingKey: Uint8Array;
  readonly face: CoordinatorFace;
  /** Ed25519 public key of the federation authority, 32 bytes. */
  readonly authorityPublicKey: Uint8Array;
  readonly policy: Policy;
  readonly compute: Compute;
  /** Adds its masks; borrowed. */
  readonly masker: Masker;
  /** What it must never forget; borrowed. */
  readonly marks: MarksStore;
  readonly clock: Clock;
  /** Secret bytes come from it: in production the operating system's. */
  readonly rng: Rng;
  readonly logger: Logger;
  /** Told what the client does, as it does it; keep it short. */
  readonly onProgress: (notice: Notice) => void;
}

/** One client of a federation. */
export interface Client {
  /**
   * Takes part in rounds until `signal` aborts; then leaves the round it is in, wipes its secrets and resolves. Run again, it
   * remembers what it saw.
   * @throws FlError when the coordinator will never answer (such as `unauthenticated`), `failed-precondition` when it runs already, or
   * what the store of its marks throws: then nothing was sent that depends on marks that were not saved, and it cannot be run again
   */
  run(signal: AbortSignal): Promise<void>;
}

/** More events than one client's work can make at a time. */
const inboxCapacity = 256;

/**
 * A client: one writer, which takes one event at a time, steps the machine, makes durable what must not be forgotten, and then performs
 * what the machine asks (ARCHITECTURE 3).
 */
export function createClient(options: ClientOptions): Client {
  const { client, signingKey, authorityPublicKey, policy, marks } = options;
  const self = { client, signingKey, verificationKey: ed25519KeyPair(signingKey).publicKey, authorityPublicKey, policy };
  let state: State | null = null;
  let unsaved: FlError | null = null;
  let isRunning = false;

  /** One event, whole. */
  async function advance(event: Event, performer: Performer): Promise<void> {
    const before = await current();
    const next = step(before, event);
    state = next.state;
    await remember(before, next);
    for (const effect of next.effects) performer.perform(effect);
    wipeInto(...next.consumed);
  }

  async function current(): Promise<State> {
    state ??= initialState(self, await marks.load(), options.clock.now());
    return state;
  }

  /** Before any effect of the step: a process that dies after a message must still know what the message bound it to. */
  async function remember(before: State, next: Step): Promise<void> {
    const remembered = rememberedOf(next.state);
    if (isSameRemembered(rememberedOf(before), remembered)) return;
    try {
      await marks.save(remembered);
    } catch (thrown) {
      unsaved = toFlError(thrown);
      wipeInto(...next.consumed, ...next.effects.flatMap(secretsInEffect));
      throw unsaved;
    }
  }

  async function loop(signal: AbortSignal): Promise<void> {
    const { clock } = options;
    const { memory } = await current();
    const inbox = createInbox<Event>(inboxCapacity);
    const performer = new Performer({ ...options, emit: inbox.put, fail: inbox.fail });
    const onAbort = (): void => inbox.put({ kind: "stopped", at: clock.now() });
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      performer.perform({ kind: "poll", cursor: memory.cursor, notBefore: clock.now() });
      while (!signal.aborted) await advance(await inbox.take(), performer);
    } finally {
      signal.removeEventListener("abort", onAbort);
      await leave(performer);
    }
  }

  /** Out of whatever round it is in, with nothing secret left, however the loop ended. */
  async function leave(performer: Performer): Promise<void> {
    try {
      if (unsaved === null) await advance({ kind: "stopped", at: options.clock.now() }, performer);
    } finally {
      wipeInto(...secretsIn(await current()));
      await performer.close();
    }
  }

  return {
    async run(signal) {
      if (isRunning) throw new FlError("failed-precondition", `client ${client} runs already`);
      if (unsaved !== null) throw unsaved;
      isRunning = true;
      try {
        await loop(signal);
      } finally {
        isRunning = false;
      }
    },
  };
}
