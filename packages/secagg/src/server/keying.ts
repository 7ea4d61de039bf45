import { type ClientId, invariant, type Outcome, ok, refused } from "@sotto/base";
import { checkAdvert, hasWeakKey, sameAdvert } from "../advert.ts";
import { type CohortRule, checkSize, createCohort, sharesKeyWith, verifierFor } from "../cohort.ts";
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
export function openSession({ context, candidates, ...rule }: SessionOpening): KeyingServer {
  const sorted = candidates.toSorted();
  invariant(new Set(sorted).size === sorted.length, "candidates are distinct");
  return { stage: "keying", contextDigest: contextDigest(context), candidates: sorted, rule, adverts: new Map() };
}

/** Takes one advert, after every check that each client will make of it: what one client sends must not end the session for all. */
export function receiveAdvert(server: KeyingServer, advert: Advert): Outcome<Received<KeyingServer>, SecaggRefusal> {
  const { candidates, adverts, rule } = server;
  if (!candidates.includes(advert.client)) return refused("not-a-member", `client ${advert.client} was not asked to take part`);
  const accepted = adverts.get(advert.client);
  if (accepted !== undefined) {
    if (sameAdvert(accepted.advert, advert)) return ok({ state: server, repeated: true });
    return refused("conflicting-message", `client ${advert.client} sent another advert before`);
  }
  const verifier = checkAdvert(server.contextDigest, advert, verifierFor(advert, rule));
  if (verifier.kind === "refused") return verifier;
  if (hasWeakKey(advert)) return refused("weak-key", `a session key of client ${advert.client} has low order`);
  if (sharesKeyWith(advert, adverts.values())) return refused("duplicate-key", `client ${advert.client} repeats a session key`);
  const next = new Map(adverts).set(advert.client, { advert, verifier: verifier.value });
  return ok({ state: { ...server, adverts: next }, repeated: false });
}

/** Ends S0: the cohort is whoever advertised. Refused when it is too small or too large. */
export function closeAdverts({ contextDigest, adverts, rule }: KeyingServer): Outcome<SharingServer, SecaggRefusal> {
  const parameters = checkSize(adverts.size, rule);
  if (parameters.kind === "refused") return parameters;
  const accepted = [...adverts.values()].sort((a, b) => (a.advert.client < b.advert.client ? -1 : 1));
  const cohort = createCohort({
    contextDigest,
    adverts: accepted.map(({ advert }) => advert),
    verifiers: accepted.map(({ verifier }) => verifier),
    parameters: parameters.value,
  });
  return ok({ stage: "sharing", cohort, bundles: new Map() });
}

/** U1, as every client of the cohort is told it. */
export function advertsOf(server: SharingServer): readonly Advert[] {
  return server.cohort.adverts;
}
