import { ed25519KeyPair, ed25519Sign } from "@sotto/crypto";
import { expect, test } from "vitest";
import { rememberingVerifiers } from "./remembering-verifiers.ts";
import { seedOf } from "./session-fixture.ts";
import { flipped } from "./testing/signing.ts";

const first = ed25519KeyPair(seedOf("identity", 0));
const second = ed25519KeyPair(seedOf("identity", 1));
const message = new Uint8Array(40).fill(1);
const signature = ed25519Sign(first.secretKey, message);

test("a signature that was good once is good again, for its own message and its own key alone", () => {
  const verifierOf = rememberingVerifiers();
  for (let time = 0; time < 2; time++) {
    expect(verifierOf(first.publicKey)(message, signature)).toBe(true);
    expect(verifierOf(first.publicKey)(Uint8Array.from(message), Uint8Array.from(signature))).toBe(true);
    expect(verifierOf(first.publicKey)(flipped(message), signature)).toBe(false);
    expect(verifierOf(first.publicKey)(message.subarray(1), signature)).toBe(false);
    expect(verifierOf(first.publicKey)(message, flipped(signature))).toBe(false);
    expect(verifierOf(second.publicKey)(message, signature)).toBe(false);
  }
});

test("a signature that was bad once is checked anew and stays bad", () => {
  const verify = rememberingVerifiers()(second.publicKey);
  expect(verify(message, signature)).toBe(false);
  expect(verify(message, signature)).toBe(false);
  expect(verify(message, ed25519Sign(second.secretKey, message))).toBe(true);
  expect(verify(message, signature)).toBe(false);
});

test("a key or a signature of the wrong length verifies nothing", () => {
  const verifierOf = rememberingVerifiers();
  expect(verifierOf(new Uint8Array(31))(message, signature)).toBe(false);
  expect(verifierOf(first.publicKey)(message, signature.subarray(1))).toBe(false);
});

test("what was remembered does not change with the message it was given", () => {
  const verify = rememberingVerifiers()(first.publicKey);
  const borrowed = Uint8Array.from(message);
  expect(verify(borrowed, signature)).toBe(true);
  borrowed.fill(9);
  expect(verify(borrowed, signature)).toBe(false);
});
