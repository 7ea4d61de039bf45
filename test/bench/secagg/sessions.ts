import { removeMasksInto, unmask } from "@sotto/secagg";
import { atMost, type Figure, told } from "../figure.ts";
import { measureOnce } from "./measure.ts";
import { runSession, type SessionPlan, startSession, value } from "./session.ts";

/** A session of 1000 clients in memory, a tenth of them lost over all stages: the sum must be exact. */
export async function benchmarkThousand(): Promise<readonly Figure[]> {
  const lost = { sharing: 25, submitting: 25, attesting: 25, revealing: 25 };
  return run("session-1000", { clientCount: 1000, tolerance: { gamma: 0.1, delta: 0.1 }, laneCount: 1000, quantisationBits: 16, lost });
}

/** A session of 10,000 clients in memory with 1000 lanes, a hundredth of them lost. Some minutes, and some gigabytes: all clients are in this process. */
export async function benchmarkTenThousand(): Promise<readonly Figure[]> {
  const lost = { sharing: 25, submitting: 25, attesting: 25, revealing: 25 };
  return run("session-10000", {
    clientCount: 10_000,
    tolerance: { gamma: 0.05, delta: 0.05 },
    laneCount: 1000,
    quantisationBits: 16,
    lost,
  });
}

async function run(name: string, plan: SessionPlan): Promise<readonly Figure[]> {
  let wrongLanes = Number.NaN;
  const cost = await measureOnce(plan, () => {
    const { server, accumulator, bits, expected } = runSession(startSession(plan));
    const sum = removeMasksInto(accumulator.sum(), value(unmask(server)), bits);
    wrongLanes = expected.reduce((wrong, lane, i) => wrong + (sum[i] === lane ? 0 : 1), 0);
  });
  return [
    atMost(`secagg/${name}-wrong-lanes`, { value: wrongLanes, unit: "lanes", max: 0 }),
    told(`secagg/${name}`, { value: cost.cpuMs / 1000, unit: "core-s" }),
    told(`secagg/${name}-per-client`, { value: cost.cpuMs / plan.clientCount, unit: "ms" }),
  ];
}
