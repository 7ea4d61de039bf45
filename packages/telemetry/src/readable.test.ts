import fc from "fast-check";
import { expect, test } from "vitest";
import { readableLine } from "./readable.ts";

const head = { level: "warn", time: "2026-01-02T03:04:05.678Z" };

test("texts of one word stand bare, others are quoted", () => {
  const line = readableLine(JSON.stringify({ ...head, code: "not-found", why: "a=b", none: null, n: 1.5, empty: "", message: "refused" }));
  expect(line).toBe('2026-01-02T03:04:05.678Z WARN  refused code=not-found why="a=b" none=null n=1.5 empty=""\n');
});

test("nothing in a line breaks it or steers the terminal", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a\nb", "\u001b[2Jx", "\u009b1m", "x\u2028y", "\u202egnp.exe"));
  fc.assert(
    fc.property(text, text, text, (message, name, value) => {
      const line = readableLine(JSON.stringify({ ...head, [`n${name}`]: value, list: [value], message }));
      expect(line.endsWith("\n")).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }),
  );
});
