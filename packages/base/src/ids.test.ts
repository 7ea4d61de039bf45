import fc from "fast-check";
import { expect, test } from "vitest";
import { FlError } from "./errors.ts";
import { parseClientId, parseFederationId, parseOperatorId, parseRoundNumber, parseSessionNumber, parseTaskId } from "./ids.ts";

const idParsers = [parseClientId, parseOperatorId, parseTaskId, parseFederationId];
const edge = fc.constantFrom(..."abcxyz0189");
const inner = fc.string({ unit: fc.constantFrom(..."abcxyz0189._-"), maxLength: 61 });

test("every text of 1 to 63 allowed characters with letters or digits at its ends is an id, unchanged", () => {
  fc.assert(
    fc.property(edge, inner, edge, (first, middle, last) => {
      for (const parse of idParsers) {
        expect(parse(first)).toBe(first);
        expect(parse(first + middle + last)).toBe(first + middle + last);
      }
    }),
  );
});

test.each(["", "-a", "a-", ".a", "a.", "A", "a b", "a/b", "ä", "a\n", "a:b", "..", "a".repeat(64)])("%j is no id", (text) => {
  for (const parse of idParsers) expect(() => parse(text)).toThrowError(FlError);
});

test("a refused id is quoted and cut in the message, so that a line break or a flood cannot forge a log", () => {
  expect(() => parseClientId("Ward 7\nok")).toThrowError('client id "Ward 7\\nok" must be 1 to 63');
  const thrown = caught(() => parseTaskId("x".repeat(10_000)));
  expect(thrown.code).toBe("invalid-argument");
  expect(thrown.message.length).toBeLessThan(200);
});

test("rounds count from 1 and sessions from 0, both below 2^31", () => {
  expect(parseRoundNumber(1)).toBe(1);
  expect(parseSessionNumber(0)).toBe(0);
  expect(parseRoundNumber(2 ** 31 - 1)).toBe(2 ** 31 - 1);
  for (const wrong of [0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => parseRoundNumber(wrong)).toThrowError(FlError);
  }
  for (const wrong of [-1, 0.5, 2 ** 31, Number.NaN]) expect(() => parseSessionNumber(wrong)).toThrowError(FlError);
});

function caught(run: () => unknown): FlError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof FlError) return thrown;
  }
  throw new FlError("internal", "nothing was thrown");
}
