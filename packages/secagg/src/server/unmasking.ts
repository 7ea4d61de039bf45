import { assertNever, equalBytes, hasMember, invariant, memberIndices, type Outcome, ok, refused, wipeInto } from "@sotto/base";
import { x25519, x25519KeyPair } from "@sotto/crypto";
import { pairKey, selfKey, selfSeedDigest } from "../key-schedule.ts";
import type { MaskStream, MaskStreams } from "../masking.ts";
import type { SecaggRefusal } from "../refusal.ts";
import { combineShares } from "../shamir.ts";
import { acceptedBundle, type CollectedSecret, collectSecret } from "./revealing.ts";
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

function masksOf(server: UnmaskingServer, owner: number): Outcome<MaskStreams, SecaggRefusal> {
  const secret = rebuild(collectSecret(server, owner));
  if (secret === null) return refused("missing-share", `too few shares of client ${owner} were revealed`);
  const masks = hasMember(server.survivors, owner) ? selfMask(server, owner, secret) : masksWithSurvivors(server, owner, secret);
  wipeInto(secret);
  if (masks === null) return refused("secret-mismatch", `the shares that client ${owner} dealt do not make the secret it committed to`);
  return ok(masks);
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

function selfMask(server: UnmaskingServer, owner: number, seed: Uint8Array): MaskStreams | null {
  const { contextDigest } = server.cohort;
  if (!equalBytes(selfSeedDigest(contextDigest, seed), acceptedBundle(server, owner).bundle.selfSeedDigest)) return null;
  return [{ key: selfKey(contextDigest, seed, owner), sign: 1 }];
}

/** Of a dealer that dropped after dealing: what each survivor added (or took away) for it. Null when the key is not the advertised one. */
function masksWithSurvivors(server: UnmaskingServer, owner: number, secretKey: Uint8Array): MaskStreams | null {
  const { contextDigest, adverts } = server.cohort;
  const pair = x25519KeyPair(secretKey);
  const genuine = equalBytes(pair.publicKey, adverts[owner]!.maskKey);
  const masks = genuine
    ? memberIndices(server.survivors).map((survivor): MaskStream => {
        const agreed = x25519(pair, adverts[survivor]!.maskKey);
        invariant(agreed.kind === "ok", "no advertised key has low order");
        const key = pairKey(contextDigest, agreed.value, { from: survivor, to: owner });
        wipeInto(agreed.value);
        return { key, sign: owner > survivor ? 1 : -1 };
      })
    : null;
  wipeInto(pair.secretKey);
  return masks;
}
