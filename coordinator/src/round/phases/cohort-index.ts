import { type ClientId, invariant } from "@sotto/base";
import { cohortOf } from "@sotto/secagg";

/** The place of a client in the session's cohort; it must have one. */
export function cohortIndex(session: Parameters<typeof cohortOf>[0], client: ClientId): number {
  const index = cohortOf(session).indexOf(client);
  invariant(index >= 0, `${client} is in the cohort`);
  return index;
}
