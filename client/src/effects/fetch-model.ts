import { type Digest, FlError } from "@sotto/base";
import type { CoordinatorFace } from "@sotto/protocol";
import { readBlob } from "@sotto/transport";
import { decodeModel, type ModelVector } from "@sotto/vector";

/** Which model is wanted, as the offer names it. */
export interface WantedModel {
  readonly digest: Digest;
  /** 4 a parameter; checked against the policy before. */
  readonly sizeBytes: number;
}

/**
 * Downloads a model and checks that it is the one asked for, to the byte: the digest is in every key of the session.
 * @throws FlError `data-loss` when length or digest differ, `invalid-argument` when a parameter is not finite, or what the face throws
 */
export async function fetchModel(
  face: Pick<CoordinatorFace, "downloadModel">,
  wanted: WantedModel,
  signal: AbortSignal,
): Promise<ModelVector> {
  const blob = await face.downloadModel(wanted.digest, signal);
  if (blob.digest !== wanted.digest || blob.sizeBytes !== wanted.sizeBytes) {
    throw new FlError("data-loss", `model ${blob.digest} of ${blob.sizeBytes} bytes came for ${wanted.digest} of ${wanted.sizeBytes}`);
  }
  return decodeModel(await readBlob(blob));
}
