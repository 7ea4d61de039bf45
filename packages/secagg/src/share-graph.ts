import { hasMember, type Members } from "@sotto/base";

/** A dealer as one of its holders knows it. */
export interface DealerLink {
  readonly dealer: number;
  /** The holder's place among the dealer's holders, 0-based. */
  readonly position: number;
}

/** Who dealt to whom in a session: SECAGG 2.5. By cohort index; who did not deal has no holders. */
export interface ShareGraph {
  /** O(i) of each dealer, ascending. */
  readonly holders: readonly (readonly number[])[];
  /** The dealers that dealt to each client, ascending by dealer. */
  readonly dealers: readonly (readonly DealerLink[])[];
}

/** The graph of these dealers' holders; `holdersOf` is asked for each dealer once. */
export function createShareGraph(dealers: Members, holdersOf: (dealer: number) => readonly number[]): ShareGraph {
  const holders: (readonly number[])[] = [];
  const links: DealerLink[][] = Array.from(dealers, () => []);
  for (let dealer = 0; dealer < dealers.length; dealer++) {
    const own = hasMember(dealers, dealer) ? holdersOf(dealer) : [];
    holders.push(own);
    for (const [position, holder] of own.entries()) links[holder]!.push({ dealer, position });
  }
  return { holders, dealers: links };
}

/** Who client `index` shares a mask with: whom it dealt to and who dealt to it, of the dealers, ascending. */
export function neighboursOf(graph: ShareGraph, index: number, dealers: Members): readonly number[] {
  const incoming = graph.dealers[index]!.map(({ dealer }) => dealer);
  return union(graph.holders[index]!, incoming).filter((peer) => hasMember(dealers, peer));
}

/** The indices in either list, each once, ascending. */
export function union(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((left, right) => left - right);
}
