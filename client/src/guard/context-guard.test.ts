import { parseDigest, parseFederationId, parseRoundNumber, parseSessionNumber } from "@sotto/base";
import type { SessionContext } from "@sotto/secagg";
import { expect, test } from "vitest";
import { checkContext } from "./context-guard.ts";

const digest = (byte: string) => parseDigest(byte.repeat(32));

const expected: SessionContext = {
  federation: parseFederationId("test"),
  rosterDigest: digest("01"),
  planDigest: digest("02"),
  modelDigest: digest("03"),
  round: parseRoundNumber(4),
  session: parseSessionNumber(1),
};

const other: SessionContext = {
  federation: parseFederationId("another"),
  rosterDigest: digest("11"),
  planDigest: digest("12"),
  modelDigest: digest("13"),
  round: parseRoundNumber(5),
  session: parseSessionNumber(2),
};

test("the expected context is accepted", () => {
  expect(checkContext(expected, { ...expected })).toEqual({ kind: "ok", value: expected });
});

test.each(Object.keys(expected) as (keyof SessionContext)[])("a context with another %s is refused by name", (field) => {
  const checked = checkContext(expected, { ...expected, [field]: other[field] });
  expect(checked).toMatchObject({ refusal: { code: "context-mismatch", message: expect.stringContaining(field) } });
});
