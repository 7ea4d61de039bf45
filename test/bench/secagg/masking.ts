import { utf8 } from "@sotto/base";
import { keystream, keystreamTileBytes, sha256 } from "@sotto/crypto";
import { createMasker } from "@sotto/masking";
import { type MaskStreams, maskInto } from "@sotto/secagg";
import { createLanes, type EncodedContribution } from "@sotto/vector";
import { atLeast, atMost, type Figure, told } from "../figure.ts";
import { type Cost, measure } from "./measure.ts";

const laneCount = 1_000_000;
const neighbours = 100;
/** Lanes of 32 bits. */
const bits = 23;

/** A client's masks, one core and two: how close the masking is to the bare cipher. */
export async function benchmarkMasking(): Promise<readonly Figure[]> {
  const masks: MaskStreams = Array.from({ length: neighbours + 1 }, (_, i) => ({
    key: sha256(utf8(`mask ${i}`)),
    sign: i % 2 === 0 ? 1 : -1,
  }));
  const streamedBytes = 4 * laneCount * masks.length;
  const bare = await measure(() => masks, readAll);
  const whole = await measure(createContribution, (lanes) => maskInto(lanes, masks));
  const one = await withWorkers(1, masks);
  const two = await withWorkers(2, masks);
  return [
    told("secagg/keystream", { value: streamedBytes / bare.cpuMs / 1e6, unit: "GB/s" }),
    atMost("secagg/masking-over-keystream", { value: whole.cpuMs / bare.cpuMs, unit: "ratio", max: 1.3 }),
    atLeast("secagg/masking", { value: streamedBytes / whole.cpuMs / 1e6, unit: "GB/s", min: 3 }),
    atLeast("secagg/two-workers-over-one", { value: one.wallMs / two.wallMs, unit: "ratio", min: 1.7 }),
    told("secagg/masking-two-workers", { value: two.wallMs, unit: "ms" }),
  ];
}

/** Every stream, tile by tile in the order that masking reads them, and nothing done with it. */
function readAll(masks: MaskStreams): void {
  const tile = new Uint8Array(keystreamTileBytes);
  const streams = masks.map(({ key }) => keystream.open({ key, byteOffset: 0 }));
  for (let at = 0; at < 4 * laneCount; at += tile.length) {
    const target = tile.subarray(0, Math.min(tile.length, 4 * laneCount - at));
    for (const stream of streams) stream.readInto(target);
  }
  for (const stream of streams) stream.close();
}

async function withWorkers(workerCount: number, masks: MaskStreams): Promise<Cost> {
  const masker = createMasker({ workerCount });
  try {
    return await measure(createContribution, (lanes) => masker.mask(lanes, masks));
  } finally {
    await masker.close();
  }
}

function createContribution(): EncodedContribution {
  return createLanes({ laneCount, bits }) as EncodedContribution;
}
