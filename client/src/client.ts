import { type ClientId, type Clock, FlError, type Logger, type Rng, wipeInto } from "@sotto/base";
import { ed25519KeyPair } from "@sotto/crypto";
import type { CoordinatorFace } from "@sotto/protocol";
import type { Compute } from "./effects/compute.ts";
import { createInbox } from "./effects/inbox.ts";
import { Performer } from "./effects/performer.ts";
import type { Policy } from "./guard/policy.ts";
import type { Notice } from "./round/effect.ts";
import type { Event } from "./round/event.ts";
import { secretsIn } from "./round/moves.ts";
import { initialState, type State } from "./round/state.ts";
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
   * @throws FlError when the coordinator will never answer (such as `unauthenticated`), `failed-precondition` when it runs already
   */
  run(signal: AbortSignal): Promise<void>;
}

/** More events than one client's work can make at a time. */
const inboxCapacity = 256;

/** A client: one writer, which takes one event at a time, steps the machine, and performs what it asks (ARCHITECTURE 3). */
export function createClient(options: ClientOptions): Client {
  const { client, signingKey, authorityPublicKey, policy } = options;
  const verificationKey = ed25519KeyPair(signingKey).publicKey;
  let state: State = initialState({ client, signingKey, verificationKey, authorityPublicKey, policy });
  let isRunning = false;

  /** One event, whole. */
  function advance(event: Event, performer: Performer): void {
    const next = step(state, event);
    state = next.state;
    for (const effect of next.effects) performer.perform(effect);
    wipeInto(...next.consumed);
  }

  async function loop(signal: AbortSignal): Promise<void> {
    const { clock } = options;
    const inbox = createInbox<Event>(inboxCapacity);
    const performer = new Performer({ ...options, emit: inbox.put, fail: inbox.fail });
    const onAbort = (): void => inbox.put({ kind: "stopped", at: clock.now() });
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      performer.perform({ kind: "poll", cursor: state.memory.cursor, notBefore: clock.now() });
      while (!signal.aborted) advance(await inbox.take(), performer);
    } finally {
      signal.removeEventListener("abort", onAbort);
      await leave(performer);
    }
  }

  /** Out of whatever round it is in, with nothing secret left, however the loop ended. */
  async function leave(performer: Performer): Promise<void> {
    try {
      advance({ kind: "stopped", at: options.clock.now() }, performer);
    } finally {
      wipeInto(...secretsIn(state));
      await performer.close();
    }
  }

  return {
    async run(signal) {
      if (isRunning) throw new FlError("failed-precondition", `client ${client} runs already`);
      isRunning = true;
      try {
        await loop(signal);
      } finally {
        isRunning = false;
      }
    },
  };
}
