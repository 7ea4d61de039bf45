import type { Rng } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { expect, test } from "vitest";
import { findGraphParameters, type GraphParameters } from "./find-parameters.ts";
import { drawHolders } from "./holders.ts";

// SECAGG 2.5: a server that sees the graph before it says who dropped. On a ring of the published parameters it opens the sum of a few neighbours; on a graph
// that the clients drew it cannot. Clients that it leaves out before they mask cost it nothing but its budget.

interface Cohort {
  readonly cohortSize: number;
  readonly corruptMax: number;
  readonly dropoutMax: number;
}

/** The published ring for each cohort, at sigma 40 and eta 30, and the largest isolated sum that is still a disaster. */
interface Case extends Cohort {
  readonly neighbourCount: number;
  readonly ringThreshold: number;
  readonly isolatedMax: number;
}

const cases: readonly Case[] = [
  { cohortSize: 300, corruptMax: 30, dropoutMax: 60, neighbourCount: 56, ringThreshold: 25, isolatedMax: 25 },
  { cohortSize: 1000, corruptMax: 100, dropoutMax: 100, neighbourCount: 52, ringThreshold: 28, isolatedMax: 30 },
  { cohortSize: 1000, corruptMax: 100, dropoutMax: 300, neighbourCount: 102, ringThreshold: 39, isolatedMax: 35 },
  { cohortSize: 3000, corruptMax: 150, dropoutMax: 300, neighbourCount: 44, ringThreshold: 21, isolatedMax: 25 },
];

test.each(cases)("on the published ring of %o, an arc of a few honest clients is isolated within the budget", (ring) => {
  for (const seed of [1, 2, 3]) {
    const arc = isolateArc(ring, drawCorrupt(ring, testRng(seed)));
    expect(arc.honest).toBeGreaterThan(0);
    expect(arc.honest).toBeLessThanOrEqual(ring.isolatedMax);
    expect(arc.drops).toBeLessThanOrEqual(ring.dropoutMax);
  }
});

test.each(cases)("on a graph that the clients of %o drew, no set that a server grows can be cut off within the budget", (cohort) => {
  const parameters = findGraphParameters(cohort)!;
  const { neighbours, starts } = drawGraph(cohort, parameters, testRng(4));
  for (const start of starts) expect(cheapestCut(neighbours, start, parameters.componentMin)).toBeGreaterThan(cohort.dropoutMax);
});

test.each(cases)("the same search finds its cut in the published ring of %o", (ring) => {
  const corrupt = drawCorrupt(ring, testRng(5));
  const { neighbours, starts } = honestGraph(corrupt, ringEdges(ring));
  expect(Math.min(...starts.map((start) => cheapestCut(neighbours, start, 2)))).toBeLessThanOrEqual(ring.dropoutMax);
});

test("a client that gave its seed with fewer than the threshold of its holders alive could be cut off alone: why it does not", () => {
  const cohort: Cohort = { cohortSize: 1000, corruptMax: 100, dropoutMax: 300 };
  const parameters = findGraphParameters(cohort)!;
  const { neighbours, starts } = drawGraph(cohort, parameters, testRng(6));
  const alone = starts.map((start) => cheapestCut(neighbours, start, 1));
  expect(Math.max(...alone)).toBeLessThanOrEqual(cohort.dropoutMax);
});

function testRng(seed: number): Rng {
  return seededRng(new Uint8Array(32).fill(seed));
}

/** Whether each client is corrupt, by index: a random set of them. */
function drawCorrupt({ cohortSize, corruptMax }: Cohort, rng: Rng): boolean[] {
  // Drawn by one more than the cohort, who is not in it.
  const corrupt = new Set(drawHolders({ cohortSize: cohortSize + 1, index: cohortSize, holderCount: corruptMax, rng }));
  return Array.from({ length: cohortSize }, (_, client) => corrupt.has(client));
}

/** The fewest honest clients that lie between two gaps of half the neighbours each, within the budget, and whose seeds the server still rebuilds. */
function isolateArc(ring: Case, corrupt: readonly boolean[]): { honest: number; drops: number } {
  const { cohortSize, dropoutMax } = ring;
  const half = ring.neighbourCount / 2;
  const honestBefore = [0];
  for (let i = 0; i < 3 * cohortSize; i++) honestBefore.push(honestBefore[i]! + (corrupt[i % cohortSize] ? 0 : 1));
  /** Honest clients from place `from` up to `to`, places counted through two turns of the ring. */
  const honestIn = (from: number, to: number): number => honestBefore[to]! - honestBefore[from]!;
  let best = { honest: cohortSize, drops: cohortSize };
  for (let from = cohortSize; from < 2 * cohortSize; from++) {
    for (let to = from + 2; to < from + cohortSize / 2 && honestIn(from, to) < best.honest; to++) {
      const drops = honestIn(from - half, from) + honestIn(to, to + half);
      const honest = honestIn(from, to);
      if (honest > 0 && drops <= dropoutMax && areSeedsRebuilt(ring, corrupt, { from, to })) best = { honest, drops };
    }
  }
  return best;
}

/** Whether each honest client of the arc has the threshold of neighbours that are in the arc or corrupt: both reveal its seed. */
function areSeedsRebuilt(ring: Case, corrupt: readonly boolean[], { from, to }: { readonly from: number; readonly to: number }): boolean {
  const half = ring.neighbourCount / 2;
  const isCorrupt = (place: number): boolean => corrupt[place % ring.cohortSize]!;
  for (let place = from; place < to; place++) {
    if (isCorrupt(place)) continue;
    let revealing = 0;
    for (let other = place - half; other <= place + half; other++) {
      if (other !== place && (isCorrupt(other) || (other >= from && other < to))) revealing++;
    }
    if (revealing < ring.ringThreshold) return false;
  }
  return true;
}

/** The masks between honest clients, as lists of neighbours, and some honest clients to start a search from. */
interface HonestGraph {
  readonly neighbours: readonly (readonly number[])[];
  readonly starts: readonly number[];
}

function honestGraph(corrupt: readonly boolean[], edges: Iterable<readonly [number, number]>): HonestGraph {
  const neighbours = corrupt.map(() => new Set<number>());
  for (const [one, other] of edges) {
    if (corrupt[one] || corrupt[other]) continue;
    neighbours[one]!.add(other);
    neighbours[other]!.add(one);
  }
  const honest = [...corrupt.keys()].filter((client) => !corrupt[client]);
  return { neighbours: neighbours.map((set) => [...set]), starts: honest.filter((_, i) => i % Math.ceil(honest.length / 10) === 0) };
}

function drawGraph(cohort: Cohort, { holderCount }: GraphParameters, rng: Rng): HonestGraph {
  const { cohortSize } = cohort;
  const corrupt = drawCorrupt(cohort, rng);
  const edges = corrupt.flatMap((_, index) =>
    drawHolders({ cohortSize, index, holderCount, rng }).map((holder): [number, number] => [index, holder]),
  );
  return honestGraph(corrupt, edges);
}

function ringEdges({ cohortSize, neighbourCount }: Case): [number, number][] {
  return Array.from({ length: cohortSize }, (_, client) => client).flatMap((client) =>
    Array.from({ length: neighbourCount / 2 }, (_, i): [number, number] => [client, (client + i + 1) % cohortSize]),
  );
}

/**
 * The fewest clients whose dropping cuts off a set of `componentMin` or more, of the sets that grow from `start` by the client that adds the fewest
 * neighbours to the set's: up to a third of the cohort.
 */
function cheapestCut(neighbours: readonly (readonly number[])[], start: number, componentMin: number): number {
  const outside = 0;
  const border = 1;
  const inside = 2;
  const place = new Uint8Array(neighbours.length);
  const fresh = Int32Array.from(neighbours, (list) => list.length);
  let borderSize = 1;
  let cheapest = neighbours.length;
  place[start] = border;
  for (const peer of neighbours[start]!) fresh[peer]!--;
  for (let size = 1; size < neighbours.length / 3 && borderSize > 0; size++) {
    let chosen = -1;
    for (let client = 0; client < place.length; client++) {
      if (place[client] === border && (chosen < 0 || fresh[client]! < fresh[chosen]!)) chosen = client;
    }
    place[chosen] = inside;
    borderSize--;
    for (const peer of neighbours[chosen]!) {
      if (place[peer] !== outside) continue;
      place[peer] = border;
      borderSize++;
      for (const other of neighbours[peer]!) fresh[other]!--;
    }
    if (size >= componentMin) cheapest = Math.min(cheapest, borderSize);
  }
  return cheapest;
}
