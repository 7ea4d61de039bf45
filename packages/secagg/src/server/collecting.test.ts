import { FlError } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { expect, test } from "vitest";
import { signHeaderContent } from "../header.ts";
import type { MaskedHeader } from "../messages.ts";
import { codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { closeContributions, maskRequestFor, receiveHeader } from "./collecting.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const { server, submissions } = value(collectingStage(value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4])), [0, 1, 2, 3]));
const { header } = submissions.get(0)!;

function refusalOf(changes: Partial<MaskedHeader>): string | null {
  return codeOf(receiveHeader(server, 0, { ...header, ...changes }));
}

test("a mask request holds one share of each other dealer, in order", () => {
  expect(maskRequestFor(server, 2).dealt.map(({ dealer }) => dealer)).toEqual([0, 1, 3]);
  expect(() => maskRequestFor(server, 4)).toThrow(FlError);
});

test("the same header again is known as such, another one is refused", () => {
  const { state } = value(receiveHeader(server, 0, header));
  expect(value(receiveHeader(state, 0, structuredClone(header)))).toEqual({ state, repeated: true });
  const { cohort, dealersDigest } = server;
  const binding = { contextDigest: cohort.contextDigest, dealersDigest };
  const second = { contributionDigest: sha256Digest(new Uint8Array(1)), complaints: [] };
  const signed = signHeaderContent(binding, second, fixture.clients[0]!.identity.secretKey);
  expect(value(receiveHeader(server, 0, signed)).repeated).toBe(false);
  expect(codeOf(receiveHeader(state, 0, signed))).toBe("conflicting-message");
});

test("a header of who dealt no shares is refused", () => {
  expect(codeOf(receiveHeader(server, 4, header))).toBe("not-a-member");
  expect(codeOf(receiveHeader(server, 99, header))).toBe("not-a-member");
});

test("complaints about oneself, about who dealt nothing, or out of order are refused", () => {
  for (const complaints of [[0], [4], [2, 1], [1, 1], [5], [-1]]) expect(refusalOf({ complaints })).toBe("malformed");
});

test("what its sender did not sign for these dealers is refused", () => {
  expect(refusalOf({ contributionDigest: sha256Digest(new Uint8Array(1)) })).toBe("bad-signature");
  expect(refusalOf({ complaints: [1] })).toBe("bad-signature");
  expect(refusalOf({ signature: submissions.get(1)!.header.signature })).toBe("bad-signature");
});

test("too few contributions close nothing", () => {
  const two = [0, 1].reduce((state, index) => value(receiveHeader(state, index, submissions.get(index)!.header)).state, server);
  expect(codeOf(closeContributions(two))).toBe("too-few-survivors");
});
