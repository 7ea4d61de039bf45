export type { Brand } from "./brand.ts";
export { concatBytes, equalBytes, fromHex, fromUtf8, toHex, utf8, wipeInto } from "./bytes.ts";
export { type Digest, digestBytes, digestFromBytes, parseDigest } from "./digest.ts";
export { FlError, type FlErrorCode, type Refusal, toFlError } from "./errors.ts";
export {
  type ClientId,
  type FederationId,
  type OperatorId,
  parseClientId,
  parseFederationId,
  parseOperatorId,
  parseRoundNumber,
  parseSessionNumber,
  parseTaskId,
  type RoundNumber,
  type SessionNumber,
  type TaskId,
} from "./ids.ts";
export { assertNever, invariant } from "./invariant.ts";
export { hasMember, isSubset, type Members, memberCount, memberIndices, membersOf, parseMembers } from "./members.ts";
export { type Outcome, ok, refused } from "./outcome.ts";
export type { Clock, LogFields, Logger, Rng } from "./ports.ts";
export { after, type Instant, instant } from "./time.ts";
export { VirtualClock } from "./virtual-clock.ts";
