import { FlError } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import type { CoordinatorFace } from "@sotto/protocol";

/** The signed roster by its digest. The coordinator only relays it: clients judge its signature. */
export function createRoster(roster: Roster, rosterBytes: Uint8Array): CoordinatorFace["roster"] {
  return async (digest) => {
    if (digest !== roster.digest) throw new FlError("not-found", `roster ${digest} is not the one in use, ${roster.digest}`);
    return rosterBytes;
  };
}
