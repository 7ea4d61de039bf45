export { clipUpdate } from "./clip.ts";
export { aggregateErrorBound } from "./error-bound.ts";
export { type ContributionInput, type DecodedSum, decodeSum, encodeContribution, scalarMax } from "./fixed-point.ts";
export { createLaneAdder, createPlainLaneAdder, type LaneAdder, type LaneAdderOptions } from "./lane-adder.ts";
export { checkLaneBits, createLanes, createSharedLanes, type LaneSession, type Lanes, laneBits, laneWidth } from "./lanes.ts";
export { decodeModel, encodeModel } from "./model-bytes.ts";
export { packedSize, packLanes, unpackLanes } from "./pack.ts";
export { addInto, subtractInto } from "./ring.ts";
export { type ContributionRule, type ContributionShape, contributionShape } from "./shape.ts";
export {
  type ClippedUpdate,
  type EncodedContribution,
  type MaskedContribution,
  type MaskedSum,
  type ModelVector,
  type ReleasedMean,
  toModelVector,
  toUpdate,
  type UnmaskedSum,
  type Update,
} from "./stages.ts";
