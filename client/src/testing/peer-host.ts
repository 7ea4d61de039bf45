import { after, type ClientId, type Clock, concatBytes, FlError, type Instant } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { Answer, BlobStream, CoordinatorFace, Cursor, Instruction } from "@sotto/protocol";
import { Peer, type PeerOptions } from "./peer.ts";

const pollMs = 25_000;
const stageMs = 60_000;

/** A {@link Peer} that answers calls: the faces of a small coordinator. */
export class PeerHost {
  readonly peer: Peer;
  readonly #options: PeerOptions;
  readonly #clock: Clock;
  readonly #expected: number;
  readonly #waiting = new Set<() => void>();
  #answered = 0;

  /** A stage ends when `expected` clients answered, less those that had left before it, or after a minute. */
  constructor(options: PeerOptions, { clock, expected }: { readonly clock: Clock; readonly expected: number }) {
    this.peer = new Peer(options);
    this.#options = options;
    this.#clock = clock;
    this.#expected = expected;
  }

  /** Closes stages until the round is over. */
  async round(): Promise<void> {
    const { withdrawals } = this.peer;
    const before = withdrawals.length;
    while (!this.peer.isOver) {
      this.#answered = 0;
      const expected = this.#expected - (withdrawals.length - before);
      const deadline = after(this.#clock.now(), stageMs);
      while (this.#answered < expected && this.#clock.now() < deadline) await this.#change(deadline);
      this.closeStage();
    }
  }

  /** Ends the present stage. */
  closeStage(): void {
    this.peer.closeStage();
    this.#wake();
  }

  /** Offers the same round again. */
  offerAgain(): void {
    this.peer.offerAgain();
    this.#wake();
  }

  /** Begins the next round. */
  nextRound(): void {
    this.peer.nextRound();
    this.#wake();
  }

  face(client: ClientId): CoordinatorFace {
    return {
      next: (cursor, signal) => this.#next(client, cursor, signal),
      submit: async (submission) => this.#count(this.peer.submit(client, submission)),
      upload: async (declaration, chunks) => {
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        return this.#count(this.peer.upload(client, declaration, concatBytes(...parts)));
      },
      downloadModel: async (digest) => this.#blob(digest),
      roster: async () => this.#options.federation.rosterBytes,
    };
  }

  async #next(client: ClientId, cursor: Cursor | null, signal: AbortSignal): Promise<Instruction> {
    const deadline = after(this.#clock.now(), pollMs);
    while (!signal.aborted && this.#clock.now() < deadline) {
      const instruction = this.peer.instructionFor(client, cursor);
      if (instruction !== null) return instruction;
      await this.#change(deadline, signal);
    }
    if (signal.aborted) throw new FlError("cancelled", "the poll was called off");
    return { kind: "unchanged" };
  }

  #count(answer: Answer): Answer {
    if (answer.kind === "accepted") this.#answered++;
    this.#wake();
    return answer;
  }

  #blob(digest: string): BlobStream {
    const { model } = this.#options;
    if (digest !== sha256Digest(model)) throw new FlError("not-found", `no model ${digest}`);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield model.subarray(0, 5);
      yield model.subarray(5);
    }
    return { digest: sha256Digest(model), sizeBytes: model.length, chunks: chunks() };
  }

  /** Resolves at the next change, at the deadline, or when the signal aborts. */
  async #change(deadline: Instant, signal?: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#waiting.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
    await this.#clock.sleepUntil(deadline, woken.signal);
    signal?.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
