import { type ClientId, invariant, type Outcome, ok, refused } from "@sotto/base";
import { checkAdvert, hasWeakKey, sameAdvert } from "../advert.ts";
import { type CohortRule, checkCohort, repeatedKey } from "../cohort.ts";
import { contextDigest } from "../context.ts";
import type { Advert, SessionContext } from "../messages.ts";
import type { SecaggRefusal } from "../refusal.ts";
import type { KeyingServer, Received, SharingServer } from "./state.ts";

/** What a session is opened with. */
export interface SessionOpening extends CohortRule {
  readonly context: SessionContext;
  /** Who is asked to take part; in any order, each once. */
  readonly candidates: readonly ClientId[];
}

/** S0 of SECAGG 2.8, before any advert. */
export function openSession({ context, candidates, enrolled, tolerance, cohortSizeMin }: SessionOpening): KeyingServer {
  const sorted = candidates.toSorted();
  invariant(new Set(sorted).size === sorted.length, "candidates are distinct");
  return {
    stage: "keying",
    contextDigest: contextDigest(context),
    candidates: sorted,
    rule: { enrolled, tolerance, cohortSizeMin },
    adverts: new Map(),
  };
}

/** Takes one advert, after every check that each client will make of it: what one client sends must not end the session for all. */
export function receiveAdvert(server: KeyingServer, advert: Advert): Outcome<Received<KeyingServer>, SecaggRefusal> {
  if (!server.candidates.includes(advert.client)) return refused("not-a-member", `client ${advert.client} was not asked to take part`);
  const accepted = server.adverts.get(advert.client);
  if (accepted !== undefined) {
    if (sameAdvert(accepted, advert)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `client ${advert.client} sent another advert before`);
  }
  const checked = checkAdvert(server.contextDigest, advert, server.rule.enrolled);
  if (checked.kind === "refused") return checked;
  if (hasWeakKey(advert)) return refused("weak-key", `a session key of client ${advert.client} has low order`);
  const adverts = new Map(server.adverts).set(advert.client, advert);
  if (repeatedKey(adverts.values()) !== null) return refused("duplicate-key", `client ${advert.client} repeats a session key`);
  return ok({ state: { ...server, adverts }, repeated: false });
}

/** Ends S0: the cohort is whoever advertised. Refused when it is too small. */
export function closeAdverts(server: KeyingServer): Outcome<SharingServer, SecaggRefusal> {
  const adverts = [...server.adverts.values()].toSorted((a, b) => (a.client < b.client ? -1 : 1));
  const cohort = checkCohort(server.contextDigest, adverts, server.rule);
  if (cohort.kind === "refused") return cohort;
  return ok({ stage: "sharing", cohort: cohort.value, bundles: new Map() });
}

/** U1, as every client of the cohort is told it. */
export function advertsOf(server: SharingServer): readonly Advert[] {
  return server.cohort.adverts;
}
