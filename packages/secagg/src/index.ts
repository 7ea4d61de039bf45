export { type Attested, attest } from "./client/attesting.ts";
export { type AdvertiseInput, advertise } from "./client/keying.ts";
export { type Revealed, reveal } from "./client/revealing.ts";
export { type KeysShared, type ShareKeysInput, shareKeys } from "./client/sharing.ts";
export {
  type AttestingState,
  type ClientState,
  type KeyingState,
  type RevealingState,
  type SharingState,
  type SubmittingState,
  secretsOf,
} from "./client/state.ts";
export { type MasksPrepared, prepareMasks, signHeader } from "./client/submitting.ts";
export type { CohortRule } from "./cohort.ts";
export { contextDigest } from "./context.ts";
export type { EnrolledKeys } from "./enrolled-keys.ts";
export { type Evidence, type EvidenceRefusal, verifyEvidence } from "./evidence.ts";
export {
  addMasksInto,
  createMaskAdder,
  type LaneRange,
  type MaskStream,
  type MaskStreams,
  maskInto,
  removeMasksInto,
  takeMasksInto,
} from "./masking.ts";
export type {
  Advert,
  AttestRequest,
  ConsistencySignature,
  DealtShare,
  MaskedHeader,
  MaskRequest,
  Reveal,
  RevealedShare,
  RevealRequest,
  SessionContext,
  ShareBundle,
  SignedHeader,
  Tolerance,
} from "./messages.ts";
export { cohortSizeMax, completeGraphMax, type SessionParameters, sessionParameters } from "./parameters.ts";
export type { SecaggRefusal, SecaggRefusalCode } from "./refusal.ts";
export { rememberingCohorts } from "./remembering-cohorts.ts";
export { rememberingVerifiers } from "./remembering-verifiers.ts";
export { isSampled, type SampleDraw, sampledOf } from "./sample.ts";
export { Accumulator, checkLaneWidth, type LaneWidth } from "./server/accumulator.ts";
export { attestRequestFor, closeSignatures, receiveSignature } from "./server/attesting.ts";
export { closeContributions, maskRequestFor, receiveHeader } from "./server/collecting.ts";
export { evidenceInAdvert, evidenceInHeader, evidenceInReveal, evidenceInSecrets, evidenceInShares } from "./server/evidence.ts";
export { advertsOf, closeAdverts, openSession, receiveAdvert, type SessionOpening } from "./server/keying.ts";
export { arrived, cohortOf, minimumFor } from "./server/progress.ts";
export { canUnmask, receiveReveal, revealRequestFor } from "./server/revealing.ts";
export { closeShares, receiveShares } from "./server/sharing.ts";
export type {
  AttestingServer,
  CollectingServer,
  KeyingServer,
  Received,
  ServerState,
  SharingServer,
  UnmaskingServer,
} from "./server/state.ts";
export { unmask } from "./server/unmasking.ts";
