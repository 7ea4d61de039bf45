import { memberIndices } from "@sotto/base";
import type { UnmaskedSum } from "@sotto/vector";
import { removeMasksInto } from "../masking.ts";
import type { Advert, ConsistencySignature, Reveal, ShareBundle, SignedHeader } from "../messages.ts";
import { Accumulator, type LaneWidth } from "../server/accumulator.ts";
import { closeSignatures, receiveSignature } from "../server/attesting.ts";
import { closeContributions, receiveHeader } from "../server/collecting.ts";
import { closeAdverts, receiveAdvert } from "../server/keying.ts";
import { receiveReveal } from "../server/revealing.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import type { KeyingServer } from "../server/state.ts";
import { unmask } from "../server/unmasking.ts";
import { value } from "../session-fixture.ts";
import type { PlayedPlan } from "./drop-plans.ts";

/** Everything that clients send in a session, in the order of their indices. */
export interface Transcript {
  readonly adverts: readonly Advert[];
  readonly bundles: readonly { readonly index: number; readonly bundle: ShareBundle }[];
  readonly contributions: readonly { readonly index: number; readonly packed: Uint8Array }[];
  readonly headers: readonly SignedHeader[];
  readonly signatures: readonly ConsistencySignature[];
  readonly reveals: readonly { readonly index: number; readonly reveal: Reveal }[];
}

/** What the clients of a played session sent. */
export function transcriptOf({ collecting, unmasking }: PlayedPlan, responders: readonly number[]): Transcript {
  const { cohort, bundles, survivors, headers } = unmasking.server;
  const submitted = memberIndices(survivors);
  const { attestations } = unmasking.previous;
  return {
    adverts: cohort.adverts,
    bundles: [...bundles].map(([index, { bundle }]) => ({ index, bundle })).sort((a, b) => a.index - b.index),
    contributions: submitted.map((index) => ({ index, packed: collecting.submissions.get(index)!.packed })),
    headers: submitted.map((index) => ({ index, header: headers.get(index)! })),
    signatures: [...unmasking.reveals.keys()].map((index) => ({ index, signature: attestations.get(index)!.signature })),
    reveals: responders.map((index) => ({ index, reveal: unmasking.reveals.get(index)! })),
  };
}

/** What a coordinator that gets this transcript opens. @throws FlError `internal` when it refuses a message of it */
export function openedFrom(opened: KeyingServer, transcript: Transcript, width: LaneWidth): UnmaskedSum {
  const keying = transcript.adverts.reduce((s, advert) => value(receiveAdvert(s, advert)).state, opened);
  const sharing = transcript.bundles.reduce(
    (s, { index, bundle }) => value(receiveShares(s, index, bundle)).state,
    value(closeAdverts(keying)),
  );
  const accumulator = new Accumulator(width);
  for (const { packed } of transcript.contributions) accumulator.add(packed);
  const collecting = transcript.headers.reduce(
    (s, { index, header }) => value(receiveHeader(s, index, header)).state,
    value(closeShares(sharing)),
  );
  const attesting = transcript.signatures.reduce(
    (s, signed) => value(receiveSignature(s, signed)).state,
    value(closeContributions(collecting)),
  );
  const unmasking = transcript.reveals.reduce(
    (s, { index, reveal }) => value(receiveReveal(s, index, reveal)).state,
    value(closeSignatures(attesting)),
  );
  return removeMasksInto(accumulator.sum(), value(unmask(unmasking)), width.bits);
}

/** The shape of plain data: names, numbers and texts as they are, bytes as their length, and so are digests, which are texts of 64 characters. */
export function shapeOf(data: unknown): unknown {
  if (data instanceof Uint8Array) return `${data.length} bytes`;
  if (typeof data === "string" && data.length === 64) return "a digest";
  if (Array.isArray(data)) return data.map(shapeOf);
  if (typeof data === "object" && data !== null) {
    return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, shapeOf(part)]));
  }
  return data;
}
