/**
 * The maximum of everything that arrives, and the one length of what has one. What is over these is refused, and not
 * encoded in the first place. They fit together: the largest message of each kind stays below `messageSizeBytesMax`.
 */
export const limits = {
  /** 1 MiB. Any message; also gRPC's receive limit (PLATFORM 1: 4 MiB by default, and a chunk is far smaller). */
  messageSizeBytesMax: 1_048_576,
  /** A request that holds an id, a digest, or a cursor. */
  requestSizeBytesMax: 1024,
  /** 128 KiB. One submission: a bundle for `holdersMax` holders takes 76 KiB. */
  submissionSizeBytesMax: 131_072,
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

  /** Clients of one session: 2048 adverts take 420 KiB. */
  cohortSizeMax: 2048,
  /** Holders of one dealer's shares, and dealers whose shares a client holds (SECAGG 2.6: 515 in the widest graph of its table). */
  holdersMax: 515,
  /** Digests of a Merkle path: 10 for `holdersMax` leaves, and room. */
  pathMax: 16,

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
