/**
 * The maximum of everything that arrives, and the one length of what has one. What is over these is refused, and not
 * encoded in the first place. They fit together: the largest message of each kind stays below `messageSizeBytesMax`.
 */
export const limits = {
  /** 4 MiB, gRPC's own receive limit (PLATFORM 1). Any message; the largest one tells 10,000 clients of as many others. */
  messageSizeBytesMax: 4_194_304,
  /** 1 MiB. Any message to the coordinator, where many are on their way at once: the largest holds a task's specification. */
  toCoordinatorSizeBytesMax: 1_048_576,
  /** A request that holds an id, a digest, or a cursor. */
  requestSizeBytesMax: 1024,
  /** 160 KiB. One submission: a bundle for `holdersMax` holders takes at most 150 KiB at 150 bytes each; for 261 of them 39 KiB, for 127 19 KiB. */
  submissionSizeBytesMax: 163_840,
  answerSizeBytesMax: 2048,

  /** 256 KiB. Bytes of a blob in one message (PLATFORM 1: within 10-20 % of the best throughput). */
  chunkSizeBytesMax: 262_144,
  /** A chunk with its framing, or the declaration before it. */
  partSizeBytesMax: 262_208,
  /** 4 GiB. */
  contributionSizeBytesMax: 4_294_967_296,
  /** 4 GiB. */
  modelSizeBytesMax: 4_294_967_296,
  /** 16 MiB. */
  rosterSizeBytesMax: 16_777_216,
  /** 512 KiB. Canonical JSON of a plan or a task specification. */
  planSizeBytesMax: 524_288,

  /** Clients of one session, the last row of SECAGG 2.6: as many adverts take 2.0 MB at 202 bytes each, as many signatures 0.7 MB at 71. */
  cohortSizeMax: 10_000,
  /**
   * Holders of one dealer's shares, dealers whose shares a client holds, and its neighbours outside the quorum. The widest graph of SECAGG 2.6 has
   * h = 261, and 486 is the widest found elsewhere (10,000 clients, gamma 0.4, delta 0.25). A client's dealers are binomial with mean h: that any of
   * 10,000 clients has more than 1024 has a chance of 2^-958 at h = 261 and 2^-340 at 486. Holders and dealers together, of whom the quorum takes more than
   * half, are 522 in the mean at h = 261, and more than 1024 with a chance of 2^-469. As many dealt shares take 0.16 MB, as many headers that each complain
   * of as many dealers 2.2 MB.
   */
  holdersMax: 1024,

  digestSizeBytes: 32,
  publicKeySizeBytes: 32,
  signatureSizeBytes: 64,
  shareSizeBytes: 32,
  /** A commitment to each of the two shares. */
  leafSizeBytes: 64,
  envelopeSizeBytes: 80,

  idSizeBytesMax: 63,
  /** A name people gave, of 128 characters at most. */
  nameSizeBytesMax: 512,
  phaseSizeBytesMax: 64,
  /** Why something happened, for people; a longer one is cut. */
  reasonSizeBytesMax: 256,
  /** Why one client dropped; a longer one is cut: the report of a round in which all but one of 10,000 drop takes 3.3 MB. */
  dropReasonSizeBytesMax: 128,
  /** The sentence of a refusal; a longer one is cut. */
  refusalMessageSizeBytesMax: 1024,
  /** The sentence of an error; a longer one is cut. It travels in a header, percent-encoded. */
  errorMessageSizeBytesMax: 2048,

  /** One day. */
  retryAfterMsMax: 86_400_000,
  tasksPerPageMax: 256,
  /** All pages together. */
  tasksMax: 65_536,
  recordsPerPageMax: 4096,
  /** 512 KiB. Records are added to a page while it stays below this; the first may be larger. */
  pageSizeBytesMax: 524_288,
} as const;
