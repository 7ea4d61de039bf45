import { FlError } from "@sotto/base";
import { cutLog2, type DrawnGraph, exposureLog2, shortfallLog2, smallestCutLog2 } from "./conditions.ts";
import { populationMax } from "./hypergeometric.ts";

/** log2 of what may go wrong for privacy in G1 and in G2, so that both together stay below 2^-40: sigma of SECAGG 2.6. */
const privacyLog2 = -41;

/** log2 of the probability that an honest session fails: eta of SECAGG 2.6. */
const failureLog2 = -30;

/** With one, every holder would hold the secret itself. */
const thresholdMin = 2;

/** How many holders each client of a cohort draws, and how many of them rebuild its secrets. */
export interface GraphParameters {
  /** h. */
  readonly holderCount: number;
  /** t. */
  readonly threshold: number;
  /** mh: corrupt holders that no client has more of. */
  readonly corruptHoldersMax: number;
  /** s0: honest survivors that the smallest sum which could be cut out would hold. */
  readonly componentMin: number;
}

/**
 * The fewest holders, with the highest threshold that random dropouts allow, which meet the conditions of SECAGG 2.5; null when none do. Equal on every
 * machine. A few milliseconds at 1000 clients, some tens at 10 000: for once a session.
 * @throws FlError `invalid-argument` unless the cohort has 2 to 10 000 clients, and fewer than that are corrupt, and drop
 */
export function findGraphParameters(counts: Omit<DrawnGraph, "holderCount">): GraphParameters | null {
  assertCounts(counts);
  let threshold = 1;
  let corruptHoldersMax = 0;
  for (let holderCount = thresholdMin; holderCount < counts.cohortSize; holderCount++) {
    const graph = { ...counts, holderCount };
    // Both only grow with the holders: whoever draws more catches no fewer survivors, and no fewer corrupt clients.
    threshold = largestThreshold(graph, threshold);
    corruptHoldersMax = smallestCorruptHolders(graph, corruptHoldersMax);
    const componentMin = threshold - corruptHoldersMax + 1;
    const hidden = threshold > corruptHoldersMax && threshold >= thresholdMin;
    if (hidden && isConnected(graph, componentMin)) return { holderCount, threshold, corruptHoldersMax, componentMin };
  }
  return null;
}

/** The largest threshold that G3 allows, known to be at least `threshold`: with 1, a client that no holder survives counts as a failure all the same. */
function largestThreshold(graph: DrawnGraph, threshold: number): number {
  let largest = threshold;
  while (largest < graph.holderCount && shortfallLog2(graph, largest + 1) <= failureLog2) largest++;
  return largest;
}

/** The corrupt holders which G1 lets no client have more of, known to be at least `corruptHolders`. */
function smallestCorruptHolders(graph: DrawnGraph, corruptHolders: number): number {
  let smallest = corruptHolders;
  while (exposureLog2(graph, smallest + 1) > privacyLog2) smallest++;
  return smallest;
}

/** G2; one term of its sum tells most graphs off. */
function isConnected(graph: DrawnGraph, componentMin: number): boolean {
  return smallestCutLog2(graph, componentMin) <= privacyLog2 && cutLog2(graph, componentMin) <= privacyLog2;
}

function assertCounts({ cohortSize, corruptMax, dropoutMax }: Omit<DrawnGraph, "holderCount">): void {
  if (!Number.isInteger(cohortSize) || cohortSize < 2 || cohortSize > populationMax) {
    throw new FlError("invalid-argument", `cohort of ${cohortSize} clients must have from 2 to ${populationMax}`);
  }
  for (const count of [corruptMax, dropoutMax]) {
    if (!Number.isInteger(count) || count < 0 || count >= cohortSize) {
      throw new FlError("invalid-argument", `${count} corrupt or dropping clients must be from 0 to ${cohortSize - 1}`);
    }
  }
}
