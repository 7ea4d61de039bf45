import { fromHex, membersOf, toHex } from "@sotto/base";
import { expect, test } from "vitest";
import { envelopeKey, pairKey, selfKey, selfSeedDigest } from "./key-schedule.ts";
import { dealersDigest, survivorsDigest } from "./session-digests.ts";
import { matchesLeaf, shareLeaf } from "./share-leaf.ts";

// The answers of an independent model in Python (hashlib and hmac), for the context digest of context.test.ts.
const contextDigest = fromHex("66dc2e93707de8176ce8025c6db81abc4ce6128baf4d0f2e14467608a30c228d");
const shared = new Uint8Array(32).fill(9);

test("keys and the self seed's digest equal those of an independent model in Python", () => {
  expect(toHex(pairKey(contextDigest, shared, { from: 5, to: 2 }))).toBe(
    "2a32a16440357e459b7f3f8d408f195f147bd7a3c8bcc7e1315031b6873c4f1a",
  );
  expect(toHex(envelopeKey(contextDigest, shared, { from: 5, to: 2 }))).toBe(
    "cf762dbf4f5b936f9cfe699ec5b6bff62212bc9c074a315f68f008e6381074a9",
  );
  expect(toHex(selfKey(contextDigest, shared, 2))).toBe("6da6298ef6ac2457d0cbd82a80791d0f1627e13574d4f56a51a5dcb6dc793c6f");
  expect(toHex(selfSeedDigest(contextDigest, shared))).toBe("58f6abd23310c8183d16a5f6e357625c80ad1af9ca4f37719922542f497406ea");
});

test("a pair's key is the same from both ends, an envelope's is not", () => {
  expect(pairKey(contextDigest, shared, { from: 1, to: 2 })).toEqual(pairKey(contextDigest, shared, { from: 2, to: 1 }));
  expect(envelopeKey(contextDigest, shared, { from: 1, to: 2 })).not.toEqual(envelopeKey(contextDigest, shared, { from: 2, to: 1 }));
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
