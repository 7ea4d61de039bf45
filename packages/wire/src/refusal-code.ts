import type { RefusalCode } from "@sotto/protocol";
import { named } from "./fields.ts";
import { RefusalCode as WireCode } from "./gen/sotto/v1/answer_pb.ts";

/** A refusal code as its number on the wire. A code that `protocol` or `secagg` gains must be given one here to compile. */
export function writeRefusalCode(code: RefusalCode): WireCode {
  return codes[code];
}

/** @throws FlError `invalid-argument` for a number without a code */
export function readRefusalCode(value: number): RefusalCode {
  return named(codes, value, "refusal code");
}

const codes: { readonly [Code in RefusalCode]: WireCode } = {
  malformed: WireCode.MALFORMED,
  "too-large": WireCode.TOO_LARGE,
  "wrong-phase": WireCode.WRONG_PHASE,
  "unknown-position": WireCode.UNKNOWN_POSITION,
  "unknown-task": WireCode.UNKNOWN_TASK,
  "not-in-cohort": WireCode.NOT_IN_COHORT,
  "conflicting-message": WireCode.CONFLICTING_MESSAGE,
  "incomplete-upload": WireCode.INCOMPLETE_UPLOAD,
  "digest-mismatch": WireCode.DIGEST_MISMATCH,
  "no-upload-slot": WireCode.NO_UPLOAD_SLOT,
  policy: WireCode.POLICY,
  "shutting-down": WireCode.SHUTTING_DOWN,
  "bad-signature": WireCode.BAD_SIGNATURE,
  "not-enrolled": WireCode.NOT_ENROLLED,
  "cohort-too-small": WireCode.COHORT_TOO_SMALL,
  "cohort-not-sorted": WireCode.COHORT_NOT_SORTED,
  "own-advert-altered": WireCode.OWN_ADVERT_ALTERED,
  "duplicate-key": WireCode.DUPLICATE_KEY,
  "weak-key": WireCode.WEAK_KEY,
  "bad-holders": WireCode.BAD_HOLDERS,
  "too-few-dealers": WireCode.TOO_FEW_DEALERS,
  "too-few-holders": WireCode.TOO_FEW_HOLDERS,
  "dealer-not-in-cohort": WireCode.DEALER_NOT_IN_COHORT,
  "missing-share": WireCode.MISSING_SHARE,
  "survivor-not-dealer": WireCode.SURVIVOR_NOT_DEALER,
  "too-few-survivors": WireCode.TOO_FEW_SURVIVORS,
  "self-missing": WireCode.SELF_MISSING,
  "missing-header": WireCode.MISSING_HEADER,
  "too-few-signatures": WireCode.TOO_FEW_SIGNATURES,
  "duplicate-signer": WireCode.DUPLICATE_SIGNER,
  "unexpected-share": WireCode.UNEXPECTED_SHARE,
  "secret-mismatch": WireCode.SECRET_MISMATCH,
  "wrong-lane-width": WireCode.WRONG_LANE_WIDTH,
  "not-a-member": WireCode.NOT_A_MEMBER,
  "infeasible-cohort": WireCode.INFEASIBLE_COHORT,
  "held-mismatch": WireCode.HELD_MISMATCH,
};
