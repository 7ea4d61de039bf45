import { assertNever, equalBytes, hasMember, invariant, memberIndices, type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { type X25519KeyPair, x25519Agreement, x25519KeyPair } from "@sotto/crypto";
import { pairKey, selfKey, selfSeedDigest } from "../key-schedule.ts";
import type { MaskStream, MaskStreams } from "../masking.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { combineShares } from "../shamir.ts";
import { neighboursOf } from "../share-graph.ts";
import { bundleOf } from "./collecting.ts";
import { type CollectedSecret, collectSecret } from "./revealing.ts";
import type { UnmaskingServer } from "./state.ts";

/**
 * The masks that are left in the sum of the survivors' contributions, with the signs they have in it: of each survivor its self mask, of each
 * other dealer the masks it shares with the survivors. Secret; the caller wipes the keys. Refused with `missing-share` while shares are wanting,
 * and with `secret-mismatch` when shares that their dealer committed to do not make the secret it committed to: that dealer lied.
 */
export function unmask(server: UnmaskingServer): Outcome<MaskStreams, SecaggRefusal> {
  const streams: MaskStream[] = [];
  for (const owner of memberIndices(server.dealers)) {
    const found = masksOf(server, owner);
    if (found.kind === "refused") {
      wipeInto(...streams.map((stream) => stream.key));
      return found;
    }
    streams.push(...found.value);
  }
  return ok(streams);
}

/** Whether a rebuilt secret of this dealer is the one it committed to: the self seed of a survivor, else the mask key. */
export function isCommitted({ cohort, bundles, survivors }: UnmaskingServer, owner: number, secret: Uint8Array): boolean {
  if (hasMember(survivors, owner)) {
    return equalBytes(selfSeedDigest(cohort.contextDigest, secret), bundleOf(bundles, owner).bundle.selfSeedDigest);
  }
  const pair = x25519KeyPair(secret);
  wipeInto(pair.secretKey);
  return equalBytes(pair.publicKey, cohort.adverts[owner]!.maskKey);
}

function masksOf(server: UnmaskingServer, owner: number): Outcome<MaskStreams, SecaggRefusal> {
  const collected = collectSecret(server, owner);
  const secret = rebuild(collected);
  if (secret === null) {
    return refused("missing-share", `too few shares of client ${server.cohort.adverts[owner]!.client} were revealed`);
  }
  // A seed that its owner sent whole was held against its digest on arrival.
  const genuine = collected.kind === "whole" || isCommitted(server, owner, secret);
  const masks = genuine ? masksFrom(server, owner, secret) : null;
  wipeInto(secret);
  if (masks !== null) return ok(masks);
  const { client } = server.cohort.adverts[owner]!;
  return refused("secret-mismatch", `the shares that client ${client} dealt do not make the secret it committed to`);
}

/** A fresh copy of the secret, or null when it cannot be had. */
function rebuild(collected: CollectedSecret): Uint8Array | null {
  switch (collected.kind) {
    case "whole":
      return Uint8Array.from(collected.seed);
    case "shared":
      return combineShares(collected.shares);
    case "wanting":
      return null;
    default:
      return assertNever(collected);
  }
}

function masksFrom(server: UnmaskingServer, owner: number, secret: Uint8Array): MaskStreams {
  const { contextDigest } = server.cohort;
  if (hasMember(server.survivors, owner)) return [{ key: selfKey(contextDigest, secret, owner), sign: 1 }];
  return masksWithSurvivors(server, owner, { publicKey: server.cohort.adverts[owner]!.maskKey, secretKey: secret });
}

/** Of a dealer that dropped after dealing: what each survivor next to it added (or took away) for it. */
function masksWithSurvivors({ cohort, graph, survivors }: UnmaskingServer, owner: number, pair: X25519KeyPair): MaskStreams {
  const agree = x25519Agreement(pair);
  return neighboursOf(graph, owner, survivors).map((survivor): MaskStream => {
    const agreed = agree(cohort.adverts[survivor]!.maskKey);
    invariant(agreed.kind === "ok", "no advertised key has low order");
    const key = pairKey(cohort.contextDigest, agreed.value, { from: survivor, to: owner });
    wipeInto(agreed.value);
    return { key, sign: owner > survivor ? 1 : -1 };
  });
}
