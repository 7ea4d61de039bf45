import { type ClientId, FlError, VirtualClock } from "@sotto/base";
import { type Compute, createClient, type MarksStore, memoryMarks, type Notice, type Policy } from "@sotto/client";
import { createMasker } from "@sotto/masking";
import type { Position } from "@sotto/protocol";
import { connectCoordinator } from "@sotto/transport";
import { silentLogger } from "../aggregate/known-updates.ts";
import { authority, contributionOf, hospitals, identityOf, policy } from "./hospitals.ts";
import { type Memoir, recording } from "./memoir.ts";
import { ScriptedCoordinator } from "./scripted-coordinator.ts";

/** What varies between federations under attack. */
export interface Attacked {
  /** Changes to every client's policy. */
  readonly policy?: Partial<Policy>;
  readonly clients?: readonly ClientId[];
}

/** Vectors of five parameters need no workers. */
const onThisThread = createMasker({ workerCount: 0 });

/** A real client of the federation, for as long as one process of it lasts. */
interface Running {
  readonly notices: Notice[];
  readonly memoir: Memoir;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Real clients, over the real encoding of the wire, of a coordinator that lies. */
export class AttackedFederation {
  readonly clock: VirtualClock = new VirtualClock();
  readonly coordinator: ScriptedCoordinator = new ScriptedCoordinator(this.clock);
  readonly #attacked: Attacked;
  readonly #marks = new Map<ClientId, MarksStore>();
  readonly #processes = new Map<ClientId, Running[]>();

  constructor(attacked: Attacked = {}) {
    this.#attacked = attacked;
    for (const client of attacked.clients ?? hospitals) this.start(client);
  }

  /** Every client that was started, in order. */
  get clients(): readonly ClientId[] {
    return [...this.#processes.keys()];
  }

  /** Starts a process of the client, with the marks its last one left. */
  start(client: ClientId): void {
    const marks = this.#marks.get(client) ?? memoryMarks();
    this.#marks.set(client, marks);
    const earlier = this.#processes.get(client) ?? [];
    const notices: Notice[] = [];
    const face = connectCoordinator(this.coordinator.face(client));
    const memoir = recording(`${client}, process ${earlier.length}`, face, marks);
    const stop = new AbortController();
    const real = createClient({
      client,
      signingKey: identityOf(client).secretKey,
      face: memoir.face,
      marks: memoir.marks,
      masker: onThisThread,
      authorityPublicKey: authority.publicKey,
      policy: { ...policy, ...this.#attacked.policy },
      compute: computeOf(client),
      clock: this.clock,
      rng: memoir.rng,
      logger: silentLogger,
      onProgress: (notice) => void notices.push(notice),
    });
    const ended = real.run(stop.signal);
    ended.catch(() => undefined); // `close` gives it to the test: an early end must not count as unhandled
    this.#processes.set(client, [...earlier, { notices, memoir, stop, ended }]);
  }

  /** What each process of a client lived through, in order. */
  memoirsOf(client: ClientId): readonly Memoir[] {
    return (this.#processes.get(client) ?? []).map(({ memoir }) => memoir);
  }

  /** The codes with which the client refused what it was asked for, in order, over all its processes. */
  refusalsOf(client: ClientId): readonly string[] {
    return this.#noticesOf(client).flatMap((notice) => (notice.kind === "refused" ? [notice.refusal.code] : []));
  }

  /** The sessions in which the client did all that it was asked for. */
  doneBy(client: ClientId): readonly Position[] {
    return this.#noticesOf(client).flatMap((notice) => (notice.kind === "done" ? [notice.position] : []));
  }

  /** The clients that refused anything. */
  get refusing(): readonly ClientId[] {
    return [...this.#processes.keys()].filter((client) => this.refusalsOf(client).length > 0);
  }

  /** Ends the client's process as a kill does: nothing is sent any more. */
  async kill(client: ClientId): Promise<void> {
    const running = this.#processes.get(client)?.at(-1);
    if (running === undefined) throw new FlError("internal", `${client} was never started`);
    running.memoir.cut();
    running.stop.abort();
    await this.clock.run(Promise.allSettled([running.ended]));
  }

  /** Ends every client that was not killed. @throws what ended one of them early */
  async close(): Promise<void> {
    const processes = [...this.#processes.values()].flat().filter(({ memoir }) => !memoir.isCut());
    for (const { stop } of processes) stop.abort();
    await this.clock.run(Promise.all(processes.map(({ ended }) => ended)));
  }

  #noticesOf(client: ClientId): readonly Notice[] {
    return (this.#processes.get(client) ?? []).flatMap(({ notices }) => notices);
  }
}

function computeOf(client: ClientId): Compute {
  return { contribute: async () => contributionOf(client) };
}
