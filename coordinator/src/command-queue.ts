import { FlError } from "@sotto/base";

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one way to the coordinator's state: commands are handled one after another, in the order they came, so every task has one writer.
 * Bounded: who comes when it is full is told at once.
 */
export class CommandQueue<Command, Result> {
  readonly #handle: (command: Command) => Result;
  readonly #lengthMax: number;
  #waiting: Waiting<Command, Result>[] = [];
  #isDraining = false;

  constructor(queue: { readonly handle: (command: Command) => Result; readonly lengthMax: number }) {
    this.#handle = queue.handle;
    this.#lengthMax = queue.lengthMax;
  }

  /** What became of the command. @throws FlError `resource-exhausted` when the queue is full; or what handling it threw */
  submit(command: Command): Promise<Result> {
    if (this.#waiting.length >= this.#lengthMax) {
      return Promise.reject(new FlError("resource-exhausted", `the queue holds its most, ${this.#lengthMax} commands`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      if (!this.#isDraining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        next.resolve(this.#handle(next.command));
      } catch (error) {
        next.reject(error);
      }
      await null;
    }
    this.#isDraining = false;
  }
}
