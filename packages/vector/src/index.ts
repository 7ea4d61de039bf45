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
