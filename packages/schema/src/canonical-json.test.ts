import { FlError, fromUtf8 } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json } from "./canonical-json.ts";

const json = fc.jsonValue({ stringUnit: "binary" }).map((value) => value as Json);

function text(value: Json): string {
  return fromUtf8(canonicalJson(value));
}

test("keys are sorted by UTF-16 code unit, as in RFC 8785 §3.2.3", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(text(value)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
      '"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  );
});

test("numbers and literals are written as in RFC 8785 §3.2.2", () => {
  // Written as text and read back, so that the source keeps the RFC's own spelling.
  const numbers = JSON.parse("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001, -0]") as Json;
  expect(text({ numbers, literals: [null, true, false] })).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
  );
});

test("canonical JSON reads back as the value and is its own canonical form", () => {
  fc.assert(
    fc.property(json, (value) => {
      const back = JSON.parse(text(value)) as Json;
      expect(text(back)).toBe(text(value));
      expect(back).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("the order in which members were set changes no byte", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (members) => {
      const reversed = Object.fromEntries(Object.entries(members).reverse());
      expect(canonicalJson(reversed)).toEqual(canonicalJson(members));
    }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("the number %s is refused at any depth", (number) => {
  expect(() => canonicalJson({ a: [number] })).toThrow(new FlError("invalid-argument", `JSON cannot hold the number ${number}`));
});
