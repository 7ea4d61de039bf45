import { invariant, type Outcome, ok, type Refusal } from "@sotto/base";
import type { Masker } from "@sotto/masking";
import { evidenceInSecrets, type UnmaskingServer } from "@sotto/secagg";
import type { BlobStore } from "@sotto/storage";
import { decodeModel, encodeModel } from "@sotto/vector";
import { type Release, release } from "../release/release.ts";
import type { RoundEffect } from "../round/effect.ts";
import type { OwnEvent } from "../round/event.ts";
import type { RoundState } from "../round/state.ts";
import type { TaskState } from "../task/state.ts";
import { gather, putBytes } from "./blob-bytes.ts";
import type { TaskVectors } from "./task-vectors.ts";
import { openSum } from "./unmask.ts";

/** A round whose sum is to be opened and released. */
export interface ReleaseJob {
  readonly task: TaskState;
  readonly round: RoundState;
  readonly effect: Extract<RoundEffect, { kind: "release" }>;
  readonly vectors: TaskVectors;
  readonly blobs: BlobStore;
  readonly masker: Masker;
}

type ReleaseEvent = Extract<OwnEvent, { kind: "released" | "failed" }>;

/**
 * Performs the effect `release`: opens the sum, makes the next model and stores it. Its event says `released` only after the model is durable;
 * nobody is told of a model before. A sum that is refused is `failed`.
 * @throws FlError when the store fails, or on a bug
 */
export async function performRelease(job: ReleaseJob): Promise<ReleaseEvent> {
  const { task, blobs } = job;
  const model = decodeModel(await gather(blobs.get(task.modelDigest), task.setup.modelSizeBytes));
  const outcome = await openAndRelease(job, model);
  if (outcome.kind === "refused") return failureOf(job.effect.session, outcome.refusal);
  const { metrics, weight, optimizerState } = outcome.value;
  if (job.round.setup.purpose === "evaluate") return { kind: "released", modelDigest: task.modelDigest, metrics, weight };
  const modelDigest = await putBytes(blobs, encodeModel(outcome.value.model));
  job.vectors.hold({ digest: modelDigest, optimizerState });
  return { kind: "released", modelDigest, metrics, weight };
}

/** A sum that is refused, with what convicts the dealer whose shares make another secret than the one it committed to. */
export function failureOf(session: UnmaskingServer, { code, message }: Refusal): Extract<OwnEvent, { kind: "failed" }> {
  return { kind: "failed", reason: `${code}: ${message}`, evidence: code === "secret-mismatch" ? evidenceInSecrets(session) : null };
}

async function openAndRelease(job: ReleaseJob, model: Release["model"]): Promise<Outcome<Release, Refusal>> {
  const { task, round, effect, vectors, masker } = job;
  const accumulator = vectors.takeSum();
  invariant(
    accumulator.count === effect.survivors,
    `the sum of ${accumulator.count} contributions is that of ${effect.survivors} survivors`,
  );
  const opened = await openSum({ accumulator, session: effect.session, bits: effect.size.bits }, masker);
  if (opened.kind === "refused") return opened;
  const { spec, plans } = task.setup;
  const { plan, shape } = plans[round.setup.purpose];
  const released = release({
    sum: opened.value,
    plan,
    shape,
    bits: effect.size.bits,
    survivors: effect.survivors,
    survivorsMin: spec.cohort.count.min,
    serverOptimizer: spec.serverOptimizer,
    optimizerState: vectors.optimizerState,
    model,
  });
  opened.value.fill(0);
  return released.kind === "refused" ? released : ok(released.value);
}
