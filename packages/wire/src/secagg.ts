import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  concatBytes,
  digestBytes,
  digestFromBytes,
  FlError,
  type Members,
  parseClientId,
  parseFederationId,
  parseMembers,
  parseRoundNumber,
  parseSessionNumber,
} from "@sotto/base";
import type {
  Advert,
  ConsistencySignature,
  DealtShare,
  MaskedHeader,
  Reveal,
  RevealedShare,
  SessionContext,
  ShareBundle,
  SignedHeader,
} from "@sotto/secagg";
import { ascendingIndices, cohortIndex, fixedBytes, present, signature, someBytes } from "./fields.ts";
import type {
  Advert as AdvertMessage,
  AdvertSchema,
  ConsistencySignature as ConsistencySignatureMessage,
  DealtShare as DealtShareMessage,
  DealtShareSchema,
  MaskedHeader as MaskedHeaderMessage,
  MaskedHeaderSchema,
  SessionContext as SessionContextMessage,
  SessionContextSchema,
  ShareBundle as ShareBundleMessage,
  ShareBundleSchema,
  SignedHeader as SignedHeaderMessage,
  SignedHeaderSchema,
} from "./gen/sotto/v1/secagg_pb.ts";
import type { RevealSubmission, RevealSubmissionSchema } from "./gen/sotto/v1/submission_pb.ts";
import { limits } from "./limits.ts";

// The messages of SECAGG 2.8 between their domain types and protobuf. Each `read` throws FlError `invalid-argument` or
// `resource-exhausted`, as `fields` says; `codec` turns these into refusals.

/** The session context of an `advertise` instruction. */
export function writeContext(context: SessionContext): MessageInitShape<typeof SessionContextSchema> {
  const { federation, round, session } = context;
  return {
    federation,
    round,
    session,
    rosterDigest: digestBytes(context.rosterDigest),
    planDigest: digestBytes(context.planDigest),
    modelDigest: digestBytes(context.modelDigest),
  };
}

/** Every id and digest parsed. */
export function readContext(message: SessionContextMessage | undefined): SessionContext {
  const context = present(message, "session context");
  return {
    federation: parseFederationId(context.federation),
    rosterDigest: digestFromBytes(context.rosterDigest),
    planDigest: digestFromBytes(context.planDigest),
    modelDigest: digestFromBytes(context.modelDigest),
    round: parseRoundNumber(context.round),
    session: parseSessionNumber(context.session),
  };
}

/** S0, to the coordinator and on to the cohort. */
export function writeAdvert({ client, maskKey, envelopeKey, signature }: Advert): MessageInitShape<typeof AdvertSchema> {
  return { client, maskKey, envelopeKey, signature };
}

/** Keys and signature of their lengths. */
export function readAdvert(message: AdvertMessage): Advert {
  const sizeBytes = limits.publicKeySizeBytes;
  return {
    client: parseClientId(message.client),
    maskKey: fixedBytes(message.maskKey, { sizeBytes, what: "mask key" }),
    envelopeKey: fixedBytes(message.envelopeKey, { sizeBytes, what: "envelope key" }),
    signature: signature(message.signature),
  };
}

/** S1, to the coordinator. */
export function writeBundle(bundle: ShareBundle): MessageInitShape<typeof ShareBundleSchema> {
  return {
    holders: [...bundle.holders],
    selfSeedDigest: bundle.selfSeedDigest,
    packedLeaves: concatBytes(...bundle.leaves),
    packedEnvelopes: concatBytes(...bundle.envelopes),
    signature: bundle.signature,
  };
}

/** One leaf a holder and at most one envelope a holder, or it is malformed. */
export function readBundle(message: ShareBundleMessage): ShareBundle {
  const holders = ascendingIndices(message.holders, "holders");
  const leaves = unpacked(message.packedLeaves, { sizeBytes: limits.leafSizeBytes, countMax: limits.holdersMax, what: "leaves" });
  const envelopes = unpacked(message.packedEnvelopes, {
    sizeBytes: limits.envelopeSizeBytes,
    countMax: limits.holdersMax,
    what: "envelopes",
  });
  if (leaves.length !== holders.length || envelopes.length > holders.length) {
    const counts = `${leaves.length} leaves and ${envelopes.length} envelopes`;
    throw new FlError("invalid-argument", `${counts} must be one and at most one each for ${holders.length} holders`);
  }
  const selfSeedDigest = digest("self seed digest")(message.selfSeedDigest);
  return { holders, selfSeedDigest, leaves, envelopes, signature: signature(message.signature) };
}

/** S1, on to one holder. */
export function writeDealt({ dealer, coordinate, leaf, envelope }: DealtShare): MessageInitShape<typeof DealtShareSchema> {
  return { dealer, coordinate, leaf, envelope };
}

/** The coordinate that of a holder, the leaf of its length, the envelope of its length or empty. */
export function readDealt(message: DealtShareMessage): DealtShare {
  return {
    dealer: cohortIndex(message.dealer),
    coordinate: coordinate(message.coordinate),
    leaf: leaf(message.leaf),
    envelope: message.envelope.length === 0 ? new Uint8Array(0) : envelope(message.envelope),
  };
}

/** S2, with an upload and on to the neighbours. */
export function writeHeader(header: MaskedHeader): MessageInitShape<typeof MaskedHeaderSchema> {
  return {
    contributionDigest: digestBytes(header.contributionDigest),
    complaints: [...header.complaints],
    heldRoot: header.heldRoot,
    signature: header.signature,
  };
}

/** Complaints ascending, the root of its length. */
export function readHeader(message: MaskedHeaderMessage | undefined): MaskedHeader {
  const header = present(message, "masked header");
  return {
    contributionDigest: digestFromBytes(header.contributionDigest),
    complaints: ascendingIndices(header.complaints, "complaints"),
    heldRoot: digest("held root")(header.heldRoot),
    signature: signature(header.signature),
  };
}

/** A header with its sender. */
export function writeSignedHeader({ index, header }: SignedHeader): MessageInitShape<typeof SignedHeaderSchema> {
  return { index, header: writeHeader(header) };
}

/** As {@link readHeader}, the index within a cohort. */
export function readSignedHeader({ index, header }: SignedHeaderMessage): SignedHeader {
  return { index: cohortIndex(index), header: readHeader(header) };
}

/** S3, on to the cohort. */
export function readConsistencySignature(message: ConsistencySignatureMessage): ConsistencySignature {
  return { index: cohortIndex(message.index), signature: signature(message.signature) };
}

/** S4, to the coordinator. The shares ascend by owner, or the other side reads other bytes than were signed. */
export function writeReveal({ shares, signature }: Reveal): MessageInitShape<typeof RevealSubmissionSchema> {
  const ofKind = (kind: RevealedShare["kind"]): readonly RevealedShare[] => shares.filter((revealed) => revealed.kind === kind);
  const packed = (some: readonly RevealedShare[]): Uint8Array => concatBytes(...some.map(({ share }) => share));
  const [self, mask] = [ofKind("self"), ofKind("mask")];
  return {
    selfOwners: self.map(({ owner }) => owner),
    packedSelfShares: packed(self),
    maskOwners: mask.map(({ owner }) => owner),
    packedMaskShares: packed(mask),
    signature,
  };
}

/** A share of each dealer that dealt to the client, and its own seed; ascending by owner. */
export function readReveal(message: RevealSubmission): Reveal {
  const self = readShares("self", message.selfOwners, message.packedSelfShares);
  const mask = readShares("mask", message.maskOwners, message.packedMaskShares);
  return { shares: [...self, ...mask].sort((a, b) => a.owner - b.owner), signature: signature(message.signature) };
}

function readShares(kind: RevealedShare["kind"], indices: readonly number[], bytes: Uint8Array): readonly RevealedShare[] {
  const owners = ascendingIndices(indices, `${kind} owners`);
  const packing = { sizeBytes: limits.shareSizeBytes, countMax: limits.holdersMax, what: `${kind} shares` };
  const shares = unpacked(bytes, packing);
  if (shares.length !== owners.length) {
    throw new FlError("invalid-argument", `${shares.length} ${kind} shares must be one for each of ${owners.length} owners`);
  }
  return owners.map((owner, i): RevealedShare => ({ owner, kind, share: shares[i]! }));
}

/** One byte a client, 0 or 1; at least one client. */
export function readMembers(bytes: Uint8Array, what: string): Members {
  return parseMembers(someBytes(bytes, { sizeBytesMax: limits.cohortSizeMax, what }));
}

function coordinate(value: number): number {
  if (value >= 1 && value <= limits.holdersMax) return value;
  throw new FlError("invalid-argument", `coordinate ${value} must be from 1 to ${limits.holdersMax}`);
}

function digest(what: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => fixedBytes(bytes, { sizeBytes: limits.digestSizeBytes, what });
}

/** Entries of one size, one after the other. Each is a copy: what it came in is let go. */
function unpacked(
  bytes: Uint8Array,
  { sizeBytes, countMax, what }: { readonly sizeBytes: number; readonly countMax: number; readonly what: string },
): readonly Uint8Array[] {
  const count = bytes.length / sizeBytes;
  if (!Number.isInteger(count))
    throw new FlError("invalid-argument", `${what} of ${bytes.length} bytes must be of ${sizeBytes} bytes each`);
  if (count > countMax) throw new FlError("resource-exhausted", `${count} ${what} are over ${countMax}`);
  return Array.from({ length: count }, (_, i) => new Uint8Array(bytes.subarray(i * sizeBytes, (i + 1) * sizeBytes)));
}

function leaf(bytes: Uint8Array): Uint8Array {
  return fixedBytes(bytes, { sizeBytes: limits.leafSizeBytes, what: "leaf" });
}

function envelope(bytes: Uint8Array): Uint8Array {
  return fixedBytes(bytes, { sizeBytes: limits.envelopeSizeBytes, what: "envelope" });
}
