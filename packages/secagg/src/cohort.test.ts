import { type ClientId, parseClientId } from "@sotto/base";
import { expect, test } from "vitest";
import { holdersOf, repeatedKey } from "./cohort.ts";
import type { Advert } from "./messages.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const advert = (client: string, maskKey: number, envelopeKey: number): Advert => ({
  client: parseClientId(client) satisfies ClientId,
  maskKey: key(maskKey),
  envelopeKey: key(envelopeKey),
  signature: new Uint8Array(64),
});

test("in the complete graph everybody else holds a client's shares, in order", () => {
  expect(holdersOf(4, 0)).toEqual([1, 2, 3]);
  expect(holdersOf(4, 2)).toEqual([0, 1, 3]);
  expect(holdersOf(4, 3)).toEqual([0, 1, 2]);
});

test("a key that appears twice is found, whichever of its two uses", () => {
  expect(repeatedKey([advert("a", 1, 2), advert("b", 3, 4)])).toBeNull();
  expect(repeatedKey([advert("a", 1, 2), advert("b", 3, 1)])?.client).toBe("b");
  expect(repeatedKey([advert("a", 1, 1)])?.client).toBe("a");
});
