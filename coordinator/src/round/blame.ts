import { type ClientId, invariant } from "@sotto/base";
import { cohortOf } from "@sotto/secagg";
import type { RoundState, UnmaskingState } from "./state.ts";

/** Clients named in one reason at most: an operator needs the first, and a reason travels. */
const namesMax = 5;

/** The reason for giving a round up, followed by whose fault it is known to be. */
export function withBlame(reason: string, state: RoundState): string {
  return [reason, ...convictionsIn(state), ...(state.phase === "unmasking" ? complaintsIn(state) : [])].join("; ");
}

function convictionsIn({ asked }: RoundState): readonly string[] {
  const convicted = [...asked].flatMap(([client, { convictions }]) =>
    convictions.length > 0 ? [`${client} (${convictions.join(", ")})`] : [],
  );
  return convicted.length === 0 ? [] : [`evidence convicts ${listed(convicted.sort())}`];
}

/**
 * The dealers whose envelopes their holders could not use, worst first. With more than h - t such holders the secrets of a dealer that leaves cannot be
 * rebuilt (SECAGG 2.8): what is missing is then of its doing, not of those who did not answer.
 */
function complaintsIn({ session }: UnmaskingState): readonly string[] {
  const counts = new Map<number, number>();
  for (const { complaints } of session.headers.values()) {
    for (const dealer of complaints) counts.set(dealer, (counts.get(dealer) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const clients = cohortOf(session);
  const { holderCount, threshold } = session.cohort.parameters;
  const worstFirst = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  const named = worstFirst.map(([dealer, count]) => `${nameOf(clients, dealer)} (${count} of its ${holderCount} holders)`);
  return [`holders complained of the shares of ${listed(named)}, and ${holderCount - threshold} may be lost`];
}

function nameOf(clients: readonly ClientId[], index: number): ClientId {
  const client = clients[index];
  invariant(client !== undefined, "a dealer is in the cohort");
  return client;
}

function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  return more > 0 ? `${names.slice(0, namesMax).join(", ")} and ${more} more` : names.join(", ");
}
