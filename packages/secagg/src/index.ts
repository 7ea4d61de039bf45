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
export type { EnrolledKeys } from "./enrolled-keys.ts";
export { type MaskStream, type MaskStreams, maskInto, removeMasksInto } from "./masking.ts";
export type {
  Advert,
  AttestRequest,
  ConsistencySignature,
  DealtShare,
  MaskedHeader,
  MaskRequest,
  RevealedShare,
  SessionContext,
  ShareBundle,
  SignedHeader,
  Tolerance,
} from "./messages.ts";
export { cohortSizeMax, type SessionParameters, sessionParameters } from "./parameters.ts";
export type { SecaggRefusal, SecaggRefusalCode } from "./refusal.ts";
export { Accumulator, checkLaneWidth, type LaneWidth } from "./server/accumulator.ts";
export { attestRequestFor, closeSignatures, receiveSignature } from "./server/attesting.ts";
export { closeContributions, maskRequestFor, receiveHeader } from "./server/collecting.ts";
export { advertsOf, closeAdverts, openSession, receiveAdvert, type SessionOpening } from "./server/keying.ts";
export { arrived, cohortOf, minimumFor } from "./server/progress.ts";
export { canUnmask, receiveReveal, revealRequest } from "./server/revealing.ts";
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
