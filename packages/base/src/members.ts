import type { Brand } from "./brand.ts";
import { FlError } from "./errors.ts";
import { invariant } from "./invariant.ts";

/** A set of clients of a cohort, one byte a client: `members[i]` is 1 when client index `i` is in the set, else 0. Never mutated. */
export type Members = Brand<Uint8Array, "Members">;

/** The set of the given indices in a cohort of `cohortSize`. An index outside the cohort is a bug. */
export function membersOf(cohortSize: number, indices: Iterable<number>): Members {
  const bytes = new Uint8Array(cohortSize);
  for (const index of indices) {
    invariant(Number.isInteger(index) && index >= 0 && index < cohortSize, `member ${index} < cohort size ${cohortSize}`);
    bytes[index] = 1;
  }
  return bytes as Members;
}

/** @throws FlError `invalid-argument` when a byte is neither 0 nor 1 */
export function parseMembers(bytes: Uint8Array): Members {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong >= 0) throw new FlError("invalid-argument", `member byte ${wrong} is ${bytes[wrong]} and must be 0 or 1`);
  return Uint8Array.from(bytes) as Members;
}

/** The indices in the set, ascending. */
export function memberIndices(members: Members): readonly number[] {
  const indices: number[] = [];
  for (let i = 0; i < members.length; i++) if (members[i] === 1) indices.push(i);
  return indices;
}

/** How many clients are in the set. */
export function memberCount(members: Members): number {
  let count = 0;
  for (const byte of members) count += byte;
  return count;
}

/** Whether client `index` is in the set; false outside the cohort. */
export function hasMember(members: Members, index: number): boolean {
  return members[index] === 1;
}

/** Whether every member of `inner` is in `outer`; false for cohorts of different sizes. */
export function isSubset(inner: Members, outer: Members): boolean {
  return inner.length === outer.length && inner.every((byte, i) => byte <= outer[i]!);
}
