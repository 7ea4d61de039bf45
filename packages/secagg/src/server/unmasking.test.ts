import { memberIndices, toHex } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { expect, test } from "vitest";
import { attest } from "../client/attesting.ts";
import { reveal } from "../client/revealing.ts";
import { shareKeys } from "../client/sharing.ts";
import { prepareMasks, signHeader } from "../client/submitting.ts";
import type { ShareBundle } from "../messages.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  keyingStage,
  revealed,
  type SharingStage,
  seedOf,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { signedBundle } from "../testing/signing.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "./attesting.ts";
import { closeContributions, maskRequestFor, receiveHeader } from "./collecting.ts";
import { advertsOf } from "./keying.ts";
import { canUnmask, receiveReveal, revealRequestFor } from "./revealing.ts";
import { closeShares, receiveShares } from "./sharing.ts";
import type { UnmaskingServer } from "./state.ts";
import { unmask } from "./unmasking.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const keying = keyingStage(fixture);
const everybody = [0, 1, 2, 3, 4];
const honest = value(sharingStage(keying, everybody));
const liar = 4;

test("what is left in the sum is every survivor's self mask, and what each survivor shares with who dropped, with its sign", () => {
  const collecting = value(collectingStage(honest, everybody));
  const stage = value(unmaskingStage(value(attestingStage(collecting, [0, 1, 3])), [0, 1, 3]));
  const streams = value(unmask(revealed(stage, [0, 1, 3])));
  // Added up over the survivors, what they masked with is exactly these streams.
  const left = new Map<string, number>();
  for (const index of [0, 1, 3]) {
    for (const { key, sign } of collecting.submissions.get(index)!.masks) left.set(toHex(key), (left.get(toHex(key)) ?? 0) + sign);
  }
  for (const [key, sign] of left) if (sign === 0) left.delete(key);
  expect(new Map(streams.map(({ key, sign }) => [toHex(key), sign]))).toEqual(left);
  expect(streams.length).toBe(3 + 2 * 3);
});

test("a dealer whose shares make another mask key than it advertised is named", () => {
  const state = { ...keying.states[liar]!, maskPair: { ...keying.states[liar]!.maskPair, secretKey: seedOf("lie", 0) } };
  const forged = value(shareKeys(state, { ...fixture.rule, adverts: advertsOf(honest.server), seed: seedOf("share", liar) }));
  const outcome = unmask(played({ ...honest, bundles: honest.bundles.with(liar, forged.bundle) }, [0, 1, 2, 3]));
  expect(outcome).toMatchObject({ kind: "refused", refusal: { code: "secret-mismatch", message: expect.stringContaining("client-0004") } });
});

test("a dealer whose shares make another self seed than it committed to is named, unless it sends the seed itself", () => {
  const stage = { ...honest, bundles: honest.bundles.with(liar, withOtherSeed(honest.bundles[liar]!)) };
  expect(codeOf(unmask(played(stage, everybody, [0, 1, 2, 3])))).toBe("secret-mismatch");
});

/** The liar's bundle with another self seed digest, signed by it. */
function withOtherSeed(bundle: ShareBundle): ShareBundle {
  return signedBundle(honest.states[liar]!.seat, { ...bundle, selfSeedDigest: seedOf("lie", 1) });
}

/** The session of these bundles: the survivors submit and attest, and the responders reveal. */
function played(stage: SharingStage, survivors: readonly number[], responders: readonly number[] = survivors): UnmaskingServer {
  const collecting = value(closeShares(everybody.reduce((s, i) => value(receiveShares(s, i, stage.bundles[i]!)).state, stage.server)));
  const signed = new Map(
    memberIndices(collecting.dealers).map((index) => {
      const prepared = value(prepareMasks(stage.states[index]!, maskRequestFor(collecting, index)));
      expect(prepared.state.complaints).toEqual([]);
      return [index, signHeader(prepared.state, sha256Digest(new Uint8Array([index])))];
    }),
  );
  const attesting = value(
    closeContributions(survivors.reduce((s, i) => value(receiveHeader(s, i, signed.get(i)!.header)).state, collecting)),
  );
  const attested = new Map(survivors.map((index) => [index, value(attest(signed.get(index)!.state, attestRequestFor(attesting, index)))]));
  const unmasking = value(
    closeSignatures(
      survivors.reduce((s, index) => value(receiveSignature(s, { index, signature: attested.get(index)!.signature })).state, attesting),
    ),
  );
  const done = responders.reduce((s, index) => {
    const revealed = value(reveal(attested.get(index)!.state, revealRequestFor(unmasking, index)));
    return value(receiveReveal(s, index, revealed.reveal)).state;
  }, unmasking);
  expect(canUnmask(done)).toBe(true);
  return done;
}
