import { digestFromBytes, parseFederationId, parseRoundNumber, parseSessionNumber, toHex } from "@sotto/base";
import { expect, test } from "vitest";
import { contextDigest } from "./context.ts";
import type { SessionContext } from "./messages.ts";

const filled = (byte: number) => digestFromBytes(new Uint8Array(32).fill(byte));

const context: SessionContext = {
  federation: parseFederationId("north"),
  rosterDigest: filled(1),
  planDigest: filled(2),
  modelDigest: filled(3),
  round: parseRoundNumber(7),
  session: parseSessionNumber(1),
};

test("the context digest equals that of an independent model in Python", () => {
  expect(toHex(contextDigest(context))).toBe("66dc2e93707de8176ce8025c6db81abc4ce6128baf4d0f2e14467608a30c228d");
});

test("every part of the context changes its digest", () => {
  const others: readonly Partial<SessionContext>[] = [
    { federation: parseFederationId("south") },
    { rosterDigest: filled(9) },
    { planDigest: filled(9) },
    { modelDigest: filled(9) },
    { round: parseRoundNumber(8) },
    { session: parseSessionNumber(2) },
  ];
  const digests = others.map((other) => toHex(contextDigest({ ...context, ...other })));
  expect(new Set([...digests, toHex(contextDigest(context))]).size).toBe(others.length + 1);
});
