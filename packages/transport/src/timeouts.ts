/** How long a call may last, for the caller. */
export const timeouts = {
  /** A call that is answered at once. */
  callMs: 30_000,
  /** A long poll: the coordinator answers after about 25 s (PLATFORM 1). */
  pollMs: 40_000,
  /** A blob, up or down: 4 GiB at 2.4 MB/s. */
  transferMs: 1_800_000,
} as const;

/** What the server adds to these before it ends a call whose client set no deadline, or a later one. */
export const serverMarginMs = 10_000;

/** What a client without an upload slot is asked to wait. */
export const uploadRetryAfterMs = 1000;
