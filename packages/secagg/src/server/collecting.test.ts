import { FlError } from "@sotto/base";
import { ed25519Signer, sha256Digest } from "@sotto/crypto";
import { expect, test } from "vitest";
import { signHeaderContent } from "../header.ts";
import { heldRoot } from "../held-shares.ts";
import type { MaskedHeader } from "../messages.ts";
import { codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { flipped } from "../testing/signing.ts";
import { closeContributions, heldBy, maskRequestFor, receiveHeader } from "./collecting.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const { server, submissions } = value(collectingStage(value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4])), [0, 1, 2, 3]));
const { header } = submissions.get(0)!;

function refusalOf(changes: Partial<MaskedHeader>): string | null {
  return codeOf(receiveHeader(server, 0, { ...header, ...changes }));
}

test("a mask request holds one share of each dealer that dealt to the client, in order, each with its place", () => {
  const { dealt } = maskRequestFor(server, 2);
  expect(dealt.map(({ dealer, coordinate }) => [dealer, coordinate])).toEqual([
    [0, 2],
    [1, 2],
    [3, 3],
  ]);
  for (const { dealer, coordinate, leaf, envelope } of dealt) {
    const { bundle } = server.bundles.get(dealer)!;
    expect(leaf).toEqual(bundle.leaves[coordinate - 1]);
    expect(envelope).toEqual(bundle.envelopes[coordinate - 2]);
  }
  expect(() => maskRequestFor(server, 4)).toThrow(FlError);
});

test("the same header again is known as such, another one is refused", () => {
  const { state } = value(receiveHeader(server, 0, header));
  expect(value(receiveHeader(state, 0, structuredClone(header)))).toEqual({ state, repeated: true });
  const { cohort, dealersDigest } = server;
  const binding = { contextDigest: cohort.contextDigest, dealersDigest };
  const second = { ...header, contributionDigest: sha256Digest(new Uint8Array(1)) };
  const signed = signHeaderContent(binding, second, ed25519Signer(fixture.clients[0]!.identity.secretKey));
  expect(value(receiveHeader(server, 0, signed)).repeated).toBe(false);
  expect(codeOf(receiveHeader(state, 0, signed))).toBe("conflicting-message");
  for (const changes of [{ complaints: [1] }, { heldRoot: flipped(header.heldRoot) }, { signature: flipped(header.signature) }]) {
    expect(codeOf(receiveHeader(state, 0, { ...header, ...changes }))).toBe("conflicting-message");
  }
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
  expect(refusalOf({ heldRoot: flipped(header.heldRoot) })).toBe("bad-signature");
  expect(refusalOf({ signature: submissions.get(1)!.header.signature })).toBe("bad-signature");
});

test("a header that names other shares than its sender was dealt, less those it complains of, is refused though it is signed", () => {
  const binding = { contextDigest: server.cohort.contextDigest, dealersDigest: server.dealersDigest };
  const signedWith = (changes: Partial<MaskedHeader>): MaskedHeader =>
    signHeaderContent(binding, { ...header, ...changes }, ed25519Signer(fixture.clients[0]!.identity.secretKey));
  const held = heldBy(server, 0, []);
  expect(held.map(({ place }) => place.dealer)).toEqual([1, 2, 3]);
  const codeWith = (changes: Partial<MaskedHeader>): string | null => codeOf(receiveHeader(server, 0, signedWith(changes)));
  expect(codeWith({ heldRoot: heldRoot(0, held) })).toBeNull();
  expect(codeWith({ heldRoot: heldRoot(0, held.slice(1)) })).toBe("held-mismatch");
  expect(codeWith({ heldRoot: heldRoot(0, held.slice(1)), complaints: [1] })).toBeNull();
  expect(codeWith({ heldRoot: heldRoot(0, held), complaints: [1] })).toBe("held-mismatch");
  expect(codeWith({ heldRoot: heldRoot(1, held) })).toBe("held-mismatch");
  expect(codeWith({ heldRoot: new Uint8Array(0) })).toBe("held-mismatch");
});

test("too few contributions close nothing", () => {
  const two = [0, 1].reduce((state, index) => value(receiveHeader(state, index, submissions.get(index)!.header)).state, server);
  expect(codeOf(closeContributions(two))).toBe("too-few-survivors");
});
