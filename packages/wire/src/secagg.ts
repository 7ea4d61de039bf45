import type { MessageInitShape } from "@bufbuild/protobuf";
import {
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
  RevealedShare,
  SessionContext,
  ShareBundle,
  SignedHeader,
} from "@sotto/secagg";
import { ascendingIndices, boundedList, cohortIndex, fixedBytes, named, present, signature, someBytes } from "./fields.ts";
import {
  type Advert as AdvertMessage,
  type AdvertSchema,
  type ConsistencySignature as ConsistencySignatureMessage,
  type DealtShare as DealtShareMessage,
  type DealtShareSchema,
  type MaskedHeader as MaskedHeaderMessage,
  type MaskedHeaderSchema,
  type RevealedShare as RevealedShareMessage,
  type RevealedShareSchema,
  SecretKind,
  type SessionContext as SessionContextMessage,
  type SessionContextSchema,
  type ShareBundle as ShareBundleMessage,
  type ShareBundleSchema,
  type SignedHeader as SignedHeaderMessage,
  type SignedHeaderSchema,
} from "./gen/sotto/v1/secagg_pb.ts";
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
    leaves: [...bundle.leaves],
    envelopes: [...bundle.envelopes],
    signature: bundle.signature,
  };
}

/** One leaf and one envelope a holder, or it is malformed. */
export function readBundle(message: ShareBundleMessage): ShareBundle {
  const holders = ascendingIndices(message.holders, "holders");
  const leaves = boundedList(message.leaves, { countMax: limits.holdersMax, what: "leaves" }, leaf);
  const envelopes = boundedList(message.envelopes, { countMax: limits.holdersMax, what: "envelopes" }, envelope);
  if (leaves.length !== holders.length || envelopes.length !== holders.length) {
    const counts = `${leaves.length} leaves and ${envelopes.length} envelopes`;
    throw new FlError("invalid-argument", `${counts} must be one each for ${holders.length} holders`);
  }
  const selfSeedDigest = digest("self seed digest")(message.selfSeedDigest);
  return { holders, selfSeedDigest, leaves, envelopes, signature: signature(message.signature) };
}

/** S1, on to one holder. */
export function writeDealt(dealt: DealtShare): MessageInitShape<typeof DealtShareSchema> {
  return { ...dealt, holders: [...dealt.holders], path: [...dealt.path] };
}

/** Every part of its length, holders ascending. */
export function readDealt(message: DealtShareMessage): DealtShare {
  return {
    dealer: cohortIndex(message.dealer),
    holders: ascendingIndices(message.holders, "holders"),
    selfSeedDigest: digest("self seed digest")(message.selfSeedDigest),
    path: boundedList(message.path, { countMax: limits.pathMax, what: "digests of a path" }, digest("path digest")),
    leaf: leaf(message.leaf),
    envelope: envelope(message.envelope),
    signature: signature(message.signature),
  };
}

/** S2, with an upload and on to the neighbours. */
export function writeHeader(header: MaskedHeader): MessageInitShape<typeof MaskedHeaderSchema> {
  return {
    contributionDigest: digestBytes(header.contributionDigest),
    complaints: [...header.complaints],
    signature: header.signature,
  };
}

/** Complaints ascending. */
export function readHeader(message: MaskedHeaderMessage | undefined): MaskedHeader {
  const header = present(message, "masked header");
  return {
    contributionDigest: digestFromBytes(header.contributionDigest),
    complaints: ascendingIndices(header.complaints, "complaints"),
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

/** S4, to the coordinator. */
export function writeShare({ owner, kind, share }: RevealedShare): MessageInitShape<typeof RevealedShareSchema> {
  return { owner, kind: secretKinds[kind], share };
}

/** The kind known, the share of its length. */
export function readShare(message: RevealedShareMessage): RevealedShare {
  return {
    owner: cohortIndex(message.owner),
    kind: named(secretKinds, message.kind, "secret kind"),
    share: fixedBytes(message.share, { sizeBytes: limits.shareSizeBytes, what: "share" }),
  };
}

/** One byte a client, 0 or 1; at least one client. */
export function readMembers(bytes: Uint8Array, what: string): Members {
  return parseMembers(someBytes(bytes, { sizeBytesMax: limits.cohortSizeMax, what }));
}

const secretKinds: { readonly [Kind in RevealedShare["kind"]]: SecretKind } = { self: SecretKind.SELF, mask: SecretKind.MASK };

function digest(what: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => fixedBytes(bytes, { sizeBytes: limits.digestSizeBytes, what });
}

function leaf(bytes: Uint8Array): Uint8Array {
  return fixedBytes(bytes, { sizeBytes: limits.leafSizeBytes, what: "leaf" });
}

function envelope(bytes: Uint8Array): Uint8Array {
  return fixedBytes(bytes, { sizeBytes: limits.envelopeSizeBytes, what: "envelope" });
}
