import { FlError } from "@sotto/base";
import { expect, test } from "vitest";
import { attestingStage, codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "./attesting.ts";
import { revealRequest } from "./revealing.ts";

const everybody = [0, 1, 2, 3, 4];
const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const collecting = value(collectingStage(value(sharingStage(keyingStage(fixture), everybody)), everybody));
const { server, attestations } = value(attestingStage(collecting, [0, 1, 2, 3]));
const signatureOf = (index: number): Uint8Array => attestations.get(index)!.signature;

test("an attest request holds the header of each other survivor, in order", () => {
  expect(attestRequestFor(server, 2).headers.map(({ index }) => index)).toEqual([0, 1, 3]);
  expect(() => attestRequestFor(server, 4)).toThrow(FlError);
});

test("the same signature again is known as such, another one is refused", () => {
  const { state } = value(receiveSignature(server, { index: 0, signature: signatureOf(0) }));
  expect(value(receiveSignature(state, { index: 0, signature: Uint8Array.from(signatureOf(0)) }))).toEqual({ state, repeated: true });
  expect(codeOf(receiveSignature(state, { index: 0, signature: signatureOf(1) }))).toBe("conflicting-message");
});

test("a signature of who is not a survivor, or over something else, is refused", () => {
  expect(codeOf(receiveSignature(server, { index: 4, signature: signatureOf(0) }))).toBe("not-a-member");
  expect(codeOf(receiveSignature(server, { index: 0, signature: signatureOf(1) }))).toBe("bad-signature");
  const rival = value(attestingStage(collecting, everybody)).attestations.get(0)!.signature;
  expect(codeOf(receiveSignature(server, { index: 0, signature: rival }))).toBe("bad-signature");
});

test("fewer signatures than the quorum close nothing; of more, a quorum is passed on", () => {
  const withAll = (indices: readonly number[]) =>
    indices.reduce((state, index) => value(receiveSignature(state, { index, signature: signatureOf(index) })).state, server);
  expect(codeOf(closeSignatures(withAll([0, 1])))).toBe("too-few-signatures");
  expect(revealRequest(value(closeSignatures(withAll([3, 2, 1, 0])))).map(({ index }) => index)).toEqual([0, 1, 2]);
});
