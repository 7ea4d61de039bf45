import type { RoundReport } from "@sotto/protocol";
import type { EndedState, RoundResult } from "../round/state.ts";

/** The account of a committed round. What a survivor sent is the mean over the survivors, rounded up. */
export function reportOf(round: EndedState, result: Extract<RoundResult, { kind: "committed" }>): RoundReport {
  const { setup, asked, startedAt, endedAt } = round;
  const survivors = new Set(result.survivors);
  const sentBytes = result.survivors.reduce((total, client) => total + (asked.get(client)?.sentBytes ?? 0), 0);
  const dropped = [...asked]
    .flatMap(([client, { drop }]) => (drop === null || survivors.has(client) ? [] : [{ client, ...drop }]))
    .sort((a, b) => (a.client < b.client ? -1 : 1));
  return {
    purpose: setup.purpose,
    asked: [...asked.keys()].sort(),
    survivors: result.survivors,
    dropped,
    metrics: result.metrics,
    weight: result.weight,
    modelDigest: result.modelDigest,
    durationMs: endedAt - startedAt,
    overheadMs: endedAt - result.lastReadyAt,
    bytesUpPerClient: Math.ceil(sentBytes / result.survivors.length),
  };
}
