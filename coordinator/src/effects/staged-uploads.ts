/** Complete uploads whose bytes wait for the machine's verdict, by number. Who puts one drops it. */
export class StagedUploads {
  readonly #bytes = new Map<number, Uint8Array>();
  #last = 0;

  /** Keeps the bytes, without a copy, and gives their number. */
  put(bytes: Uint8Array): number {
    this.#last++;
    this.#bytes.set(this.#last, bytes);
    return this.#last;
  }

  /** The bytes of an upload; null when there are none under that number. */
  get(upload: number): Uint8Array | null {
    return this.#bytes.get(upload) ?? null;
  }

  drop(upload: number): void {
    this.#bytes.delete(upload);
  }
}
