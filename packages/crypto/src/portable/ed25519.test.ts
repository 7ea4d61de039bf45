import { ed25519 as noble } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { ed25519Provider } from "./ed25519.ts";

const order = 2n ** 252n + 27742317777372353535851937790883648493n;

test.each([0n, 1n, order - 1n, order, order + 1n, 2n ** 252n, 2n ** 253n, 2n ** 255n, 2n ** 256n - 1n])(
  "S of %s is taken only below the order of the group",
  (s) => {
    // Under the identity as key every message has the signature R = S B: the one key for which S can be chosen.
    const identity = noble.Point.ZERO.toBytes();
    const r = s % order === 0n ? identity : noble.Point.BASE.multiply(s % order).toBytes();
    const littleEndian = Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n));
    const isGood = ed25519Provider.verifierOf(identity)(new Uint8Array(1), Uint8Array.from([...r, ...littleEndian]));
    expect(isGood).toBe(s < order);
  },
);
