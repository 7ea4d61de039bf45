import { atLeastLog2, belowLog2, binomialLog2, missLog2 } from "./hypergeometric.ts";
import { log2, log2OfSum } from "./logarithm.ts";

/**
 * The three conditions on a graph in which every client draws its own holders: SECAGG 2.5. They speak of honest clients that attest and reveal only while
 * at least the threshold of their own holders survive: without that, a client that gives its self seed whole can be cut off alone.
 */

/** A cohort whose clients each draw so many holders. */
export interface DrawnGraph {
  /** n. */
  readonly cohortSize: number;
  /** C: corrupt clients. */
  readonly corruptMax: number;
  /** D: clients that may drop. */
  readonly dropoutMax: number;
  /** h: holders of each client. */
  readonly holderCount: number;
}

/** G1: log2 of a bound on the probability that `threshold` or more corrupt holders of one client rebuild its secrets. */
export function exposureLog2({ cohortSize, corruptMax, holderCount }: DrawnGraph, threshold: number): number {
  return log2(cohortSize) + atLeastLog2({ population: cohortSize - 1, marked: corruptMax, drawn: holderCount }, threshold);
}

/**
 * G2: log2 of a bound on the probability that dropped clients, chosen by a server that sees the whole graph, cut the honest survivors into two parts of at
 * least `componentMin` clients each; minus infinity where two such parts do not exist. A larger cut holds one of these sizes.
 */
export function cutLog2(graph: DrawnGraph, componentMin: number): number {
  return log2OfSum(cutSizes(graph, componentMin).map((sizes) => cutOfSizesLog2(graph, sizes)));
}

/** The first term of {@link cutLog2}, below its sum. */
export function smallestCutLog2(graph: DrawnGraph, componentMin: number): number {
  const [sizes] = cutSizes(graph, componentMin);
  return sizes === undefined ? Number.NEGATIVE_INFINITY : cutOfSizesLog2(graph, sizes);
}

/** G3: log2 of a bound on the probability that random dropouts leave one client fewer than `threshold` holders. */
export function shortfallLog2({ cohortSize, dropoutMax, holderCount }: DrawnGraph, threshold: number): number {
  return log2(cohortSize) + belowLog2({ population: cohortSize - 1, marked: cohortSize - 1 - dropoutMax, drawn: holderCount }, threshold);
}

/** Clients in the smaller and in the larger part. */
interface CutSizes {
  readonly smaller: number;
  readonly larger: number;
}

/** Sizes of which every cut into parts of `componentMin` has one, as a part of its parts, whether all dropouts are used up or not. */
function cutSizes({ cohortSize, corruptMax, dropoutMax }: DrawnGraph, componentMin: number): readonly CutSizes[] {
  const honest = cohortSize - corruptMax;
  const survivors = honest - dropoutMax;
  const largestSmaller = Math.floor(survivors / 2);
  if (componentMin > largestSmaller) return 2 * componentMin > honest ? [] : [{ smaller: componentMin, larger: componentMin }];
  return Array.from({ length: largestSmaller - componentMin + 1 }, (_, i) => ({
    smaller: componentMin + i,
    larger: survivors - componentMin - i,
  }));
}

/** log2 of the expected number of pairs of sets of honest clients, of these sizes, of which neither drew a holder in the other. */
function cutOfSizesLog2({ cohortSize, corruptMax, holderCount }: DrawnGraph, { smaller, larger }: CutSizes): number {
  const honest = cohortSize - corruptMax;
  const others = cohortSize - 1;
  return (
    binomialLog2(honest, smaller) +
    binomialLog2(honest - smaller, larger) +
    smaller * missLog2({ population: others, avoided: larger, drawn: holderCount }) +
    larger * missLog2({ population: others, avoided: smaller, drawn: holderCount })
  );
}
