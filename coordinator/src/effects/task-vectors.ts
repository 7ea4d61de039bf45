import type { OptimizerState } from "@sotto/aggregation";
import { type Digest, invariant } from "@sotto/base";
import { Accumulator, type LaneWidth } from "@sotto/secagg";

/** A model that is durable, and what the optimizer remembers with it. Not the task's until its round is committed. */
export interface ReleasedModel {
  readonly digest: Digest;
  readonly optimizerState: OptimizerState;
}

/**
 * The vectors of one task, which its machine never sees: the sum of the round in progress, and what the server optimizer remembers.
 * Owns the accumulator; `dispose` lets it go.
 */
export class TaskVectors {
  #optimizerState: OptimizerState;
  #sum: Accumulator | null = null;
  #released: ReleasedModel | null = null;

  constructor(optimizerState: OptimizerState) {
    this.#optimizerState = optimizerState;
  }

  get optimizerState(): OptimizerState {
    return this.#optimizerState;
  }

  /** Adds one packed contribution to the round's sum; keeps no reference to it. */
  accumulate(packed: Uint8Array, { laneCount, bits }: LaneWidth): void {
    this.#sum ??= new Accumulator({ laneCount, bits });
    this.#sum.add(packed);
  }

  /** The round's sum, given up: nothing can be added to it any more. */
  takeSum(): Accumulator {
    const sum = this.#sum;
    invariant(sum !== null, "a sum is released after something was added to it");
    this.#sum = null;
    return sum;
  }

  /** Keeps a durable model until its round is over. */
  hold(released: ReleasedModel): void {
    this.#released = released;
  }

  /** The round is over: its sum is forgotten, and what it released is remembered only if it was committed. */
  forget(committed: boolean): void {
    if (committed && this.#released !== null) this.#optimizerState = this.#released.optimizerState;
    this.#released = null;
    this.#forgetSum();
  }

  /** Lets every vector go: the task is over. */
  dispose(): void {
    this.forget(false);
    this.#optimizerState = { moments: [] };
  }

  #forgetSum(): void {
    this.#sum?.dispose();
    this.#sum = null;
  }
}
