import { fromHex, membersOf, toHex } from "@sotto/base";
import { expect, test } from "vitest";
import { envelopeKeys, pairKey, selfKey, selfSeedDigest } from "./key-schedule.ts";
import { dealersDigest, survivorsDigest } from "./session-digests.ts";
import { matchesLeaf, shareLeaf } from "./share-leaf.ts";

// The answers of an independent model in Python (hashlib and hmac), for the context digest of context.test.ts.
const contextDigest = fromHex("66dc2e93707de8176ce8025c6db81abc4ce6128baf4d0f2e14467608a30c228d");
const shared = new Uint8Array(32).fill(9);

test("keys and the self seed's digest equal those of an independent model in Python", () => {
  expect(toHex(pairKey(contextDigest, shared, { from: 5, to: 2 }))).toBe(
    "2a32a16440357e459b7f3f8d408f195f147bd7a3c8bcc7e1315031b6873c4f1a",
  );
  expect(toHex(selfKey(contextDigest, shared, 2))).toBe("6da6298ef6ac2457d0cbd82a80791d0f1627e13574d4f56a51a5dcb6dc793c6f");
  expect(toHex(selfSeedDigest(contextDigest, shared))).toBe("58f6abd23310c8183d16a5f6e357625c80ad1af9ca4f37719922542f497406ea");
});

const cohortDigest = new Uint8Array(32).fill(4);

test("a pair's key is the same from both ends, an envelope's keys are the one's outgoing and the other's incoming", () => {
  expect(pairKey(contextDigest, shared, { from: 1, to: 2 })).toEqual(pairKey(contextDigest, shared, { from: 2, to: 1 }));
  const [one, other] = [envelopeKeys(cohortDigest, shared, { from: 1, to: 2 }), envelopeKeys(cohortDigest, shared, { from: 2, to: 1 })];
  expect(one.outgoing).toEqual(other.incoming);
  expect(one.incoming).toEqual(other.outgoing);
  expect(one.outgoing).not.toEqual(one.incoming);
});

test("the keys of envelopes, each way, equal those of an independent model in Python, and differ with the cohort and either client", () => {
  const { outgoing, incoming } = envelopeKeys(cohortDigest, shared, { from: 5, to: 2 });
  expect(toHex(incoming)).toBe(
    "979fa3f0faeddedd3ab3039b1c1d1aaaefb2d457f1845502ad95a47d6ae417ed894a94f42eea174f2a556d4e9f2b4fb7bc1f86aad2b9d137c5f1d762e112611a7a72d35aff223fdaea60b7d532608a117aca15f8ce16596f8adc1d715d97ec5c",
  );
  expect(toHex(outgoing)).toBe(
    "1f313c599bef6d83b7f861dee58291dbe8105975dbddf659355b01b80ed150726ee93b767cab8e9a3e2e9997e77e7698e8cdbf3c0d7c8ef3122e9b1ba215ebb545e9640812c4f52a9b67ee2c918e3950adee33aab17d653cfe7d7c5e342685ef",
  );
  const others = [
    envelopeKeys(contextDigest, shared, { from: 5, to: 2 }),
    envelopeKeys(cohortDigest, shared, { from: 5, to: 3 }),
    envelopeKeys(cohortDigest, shared, { from: 4, to: 2 }),
  ];
  expect(new Set([outgoing, ...others.map((keys) => keys.outgoing)].map(toHex)).size).toBe(4);
});

test("D2 and D3 equal those of an independent model in Python", () => {
  const d2 = dealersDigest(new Uint8Array(32).fill(4), membersOf(4, [0, 1, 3]));
  expect(toHex(d2)).toBe("41bc49e96c42185bbfddf4cec69eec340aae714c12d8318b635bf7bb694aa194");
  expect(toHex(survivorsDigest(d2, membersOf(4, [0, 3])))).toBe("f4452a02ac7110bf646bc666dbd0af69cf4600f13911913af1647d2e69b4e4b9");
});

test("a leaf equals that of an independent model in Python, and each share matches its own half alone", () => {
  const place = { dealer: 3, holder: 1, coordinate: 2 };
  const self = new Uint8Array(32).fill(5);
  const mask = new Uint8Array(32).fill(6);
  const leaf = shareLeaf(contextDigest, place, { self, mask });
  expect(toHex(leaf)).toBe(
    "88a1e54adfa81f75e62609104118c2f07f8d768866296eb36290a26e9a846e460a1dc199e14428e4e2468e51feb9c74edf5b78b8b01179dbd74a877c0b0f6096",
  );
  expect(matchesLeaf(contextDigest, place, { kind: "self", share: self, leaf })).toBe(true);
  expect(matchesLeaf(contextDigest, place, { kind: "mask", share: mask, leaf })).toBe(true);
  expect(matchesLeaf(contextDigest, place, { kind: "mask", share: self, leaf })).toBe(false);
  expect(matchesLeaf(contextDigest, { ...place, holder: 2 }, { kind: "self", share: self, leaf })).toBe(false);
});
