import { createMasker, defaultWorkerCount } from "@sotto/masking";
import { unmask } from "@sotto/secagg";
import { createLanes, type MaskedSum } from "@sotto/vector";
import { atMost, type Figure, told } from "../figure.ts";
import { measure, measureOnce } from "./measure.ts";
import { runSession, type SessionPlan, startSession, value } from "./session.ts";

const nobody = { sharing: 0, submitting: 0, attesting: 0, revealing: 0 };

/** Opening the sum of 100 clients of whom 10 were lost after they dealt: 990 masks over 100,000 lanes. */
export async function benchmarkSmallRemoval(): Promise<readonly Figure[]> {
  const ready = runSession(startSession({ ...planOf(100), tolerance: { gamma: 0.1, delta: 0.1 }, lost: { ...nobody, submitting: 10 } }));
  const masker = createMasker({ workerCount: defaultWorkerCount() });
  try {
    const cost = await measure(
      () => createLanes({ laneCount: 100_000, bits: ready.bits }) as MaskedSum,
      (sum) => masker.removeMasks(sum, { masks: value(unmask(ready.server)), bits: ready.bits }),
    );
    return [
      atMost("secagg/removal-100", { value: cost.wallMs / 1000, unit: "s", max: 0.3 }),
      told("secagg/removal-100-cpu", { value: cost.cpuMs / 1000, unit: "core-s" }),
    ];
  } finally {
    await masker.close();
  }
}

/** Opening the sum of 1000 clients of whom 100 were lost after they dealt: some 10,000 masks over 1,000,000 lanes. Once: it is long. */
export async function benchmarkLargeRemoval(): Promise<readonly Figure[]> {
  const ready = runSession(startSession({ ...planOf(1000), tolerance: { gamma: 0.1, delta: 0.1 }, lost: { ...nobody, submitting: 100 } }));
  const masker = createMasker({ workerCount: defaultWorkerCount() });
  try {
    let masks = 0;
    const cost = await measureOnce(createLanes({ laneCount: 1_000_000, bits: ready.bits }) as MaskedSum, (sum) => {
      const streams = value(unmask(ready.server));
      masks = streams.length;
      return masker.removeMasks(sum, { masks: streams, bits: ready.bits });
    });
    return [
      atMost("secagg/removal-1000", { value: cost.cpuMs / 1000, unit: "core-s", max: 15 }),
      told("secagg/removal-1000-wall", { value: cost.wallMs / 1000, unit: "s" }),
      told("secagg/removal-1000-masks", { value: masks, unit: "" }),
      // The clients of the session were simulated in this process: their memory is in the figure too.
      atMost("secagg/removal-1000-memory", { value: process.resourceUsage().maxRSS / 1000, unit: "MB", max: 400 }),
    ];
  } finally {
    await masker.close();
  }
}

/** One lane for each simulated contribution: the lanes of the sum are those that are opened. */
function planOf(clientCount: number): Omit<SessionPlan, "tolerance" | "lost"> {
  return { clientCount, laneCount: 1, quantisationBits: 16 };
}
