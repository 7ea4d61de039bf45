import { parentPort } from "node:worker_threads";
import { invariant, toFlError } from "@sotto/base";
import { addMasksInto, createMaskAdder, type LaneRange, type MaskStreams, takeMasksInto } from "@sotto/secagg";
import type { Lanes } from "@sotto/vector";
import type { MaskAnswer, MaskJob } from "./job.ts";

/** The thread that masks: started by `thread.ts`, it answers every {@link MaskJob} with a {@link MaskAnswer}, one after another. */
const port = parentPort;
invariant(port !== null, "the mask worker runs as a worker");

const adders = { 16: createMaskAdder(16), 32: createMaskAdder(32) } as const;

port.on("message", (job: MaskJob) => {
  const answer: MaskAnswer = { id: job.id, failure: failureOf(job) };
  port.postMessage(answer);
});

/** What goes wrong with a job is told and not thrown: the thread stays for the next one. No message here or below holds a key. */
function failureOf(job: MaskJob): string | null {
  try {
    perform(job);
    return null;
  } catch (error) {
    return toFlError(error).message;
  }
}

function perform({ lanes, laneWidth, start, end, keys, signs, bits }: MaskJob): void {
  const range: LaneRange = { lanes: lanesIn(lanes, laneWidth), start, end };
  const masks: MaskStreams = signs.map((sign, i) => ({ key: new Uint8Array(keys, 32 * i, 32), sign }));
  const adder = adders[laneWidth];
  if (bits === null) addMasksInto(range, masks, adder);
  else takeMasksInto(range, { masks, bits }, adder);
}

function lanesIn(shared: SharedArrayBuffer, laneWidth: 16 | 32): Lanes {
  return laneWidth === 16 ? new Uint16Array(shared) : new Uint32Array(shared);
}
