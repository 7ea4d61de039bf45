/** A range of lanes that a worker masks, in memory it shares with the thread that asks. Nothing secret is in the message itself. */
export interface MaskJob {
  readonly id: number;
  /** The lanes of the whole vector; the worker reads and writes its range alone. */
  readonly lanes: SharedArrayBuffer;
  readonly laneWidth: 16 | 32;
  readonly start: number;
  readonly end: number;
  /** 32 bytes a mask. The worker makes no copy but in its ciphers, which are freed with the range; the thread that asks wipes them. */
  readonly keys: SharedArrayBuffer;
  readonly signs: readonly (1 | -1)[];
  /** Null: the masks are added. Else they are taken away and the lanes cut to this many bits, 8 to 32. */
  readonly bits: number | null;
}

/** What a worker says of a job: that it is done, or why it failed. */
export interface MaskAnswer {
  readonly id: number;
  readonly failure: string | null;
}
