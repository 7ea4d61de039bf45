import { assertNever, type ClientId, type Members, membersOf } from "@sotto/base";
import type { ServerState } from "./state.ts";

/** The clients of the session in index order: its candidates while adverts come in, its cohort from then on. */
export function cohortOf(server: ServerState): readonly ClientId[] {
  return server.stage === "keying" ? server.candidates : server.cohort.adverts.map((advert) => advert.client);
}

/** Who has sent what this stage takes, over {@link cohortOf}. */
export function arrived(server: ServerState): Members {
  return membersOf(cohortOf(server).length, arrivedIndices(server));
}

/** Fewest that must arrive before the stage can be closed; at S4 the fewest that can be enough, and `canUnmask` says whether they are. */
export function minimumFor(server: ServerState): number {
  switch (server.stage) {
    case "keying":
      return server.rule.cohortSizeMin;
    case "sharing":
      return server.cohort.parameters.cohortSize - server.cohort.parameters.dropoutMax;
    case "collecting":
      return server.cohort.parameters.survivorsMin;
    case "attesting":
      return server.cohort.parameters.quorum;
    case "unmasking":
      return server.cohort.parameters.threshold;
    default:
      return assertNever(server);
  }
}

function arrivedIndices(server: ServerState): Iterable<number> {
  switch (server.stage) {
    case "keying":
      return [...server.adverts.keys()].map((client) => server.candidates.indexOf(client));
    case "sharing":
      return server.bundles.keys();
    case "collecting":
      return server.headers.keys();
    case "attesting":
      return server.signatures.keys();
    case "unmasking":
      return server.reveals.keys();
    default:
      return assertNever(server);
  }
}
