import { FlError, memberIndices } from "@sotto/base";
import { expect, test } from "vitest";
import { attestingStage, codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { attestRequestFor, closeSignatures, receiveSignature } from "./attesting.ts";

const everybody = [0, 1, 2, 3, 4];
const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const collecting = value(collectingStage(value(sharingStage(keyingStage(fixture), everybody)), everybody));
const { server, attestations } = value(attestingStage(collecting, [0, 1, 2, 3]));
const signatureOf = (index: number): Uint8Array => attestations.get(index)!.signature;

test("an attest request holds the survivors, the same for each of them, and goes to nobody else", () => {
  expect(memberIndices(attestRequestFor(server, 2).survivors)).toEqual([0, 1, 2, 3]);
  expect(attestRequestFor(server, 0)).toEqual(attestRequestFor(server, 2));
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
  expect(value(closeSignatures(withAll([3, 2, 1, 0]))).signatures.map(({ index }) => index)).toEqual([0, 1, 2]);
});
