import { toFlError } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeKey, encodeKey, type KeyKind } from "./key-text.ts";

const kinds: readonly KeyKind[] = ["authority-public-key", "authority-secret-key", "identity-secret-key"];
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("a key is one line that names its kind", () => {
  expect(encodeKey("authority-public-key", new Uint8Array(32))).toBe(`sotto-authority-public-key ${"A".repeat(43)}\n`);
});

test("a key survives its text, with white space around it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), keys, fc.constantFrom("", " ", "\r\n", "\n\n"), (kind, key, space) => {
      expect(decodeKey(kind, `${space}${encodeKey(kind, key)}${space}`)).toEqual(key);
    }),
  );
});

test("a key of one kind is not read as another", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.constantFrom(...kinds), keys, (written, wanted, key) => {
      fc.pre(written !== wanted);
      expect(() => decodeKey(wanted, encodeKey(written, key))).toThrowError(`and found ${written}`);
    }),
  );
});

test.each([
  "",
  "sotto-identity-secret-key",
  `sotto-identity-secret-key ${"A".repeat(42)}`,
  `sotto-identity-secret-key ${"A".repeat(44)}`,
  `sotto-identity-secret-key ${"A".repeat(42)}B`,
  `sotto-identity-secret-key ${"A".repeat(43)} more`,
  `sotto-identity-secret-key\u0000 ${"A".repeat(43)}`,
])("a damaged text is refused: %j", (text) => {
  expect(() => decodeKey("identity-secret-key", text)).toThrowError(expect.objectContaining({ name: "FlError", code: "invalid-argument" }));
});

test("a refused text is not shown, because it may be a secret", () => {
  for (const text of ["hushhush", "sotto-identity-secret-key hushhush", `sotto-identity-secret-key ${"A".repeat(43)} hushhush`]) {
    const thrown = toFlError(catching(() => decodeKey("identity-secret-key", text)));
    expect(thrown.message).not.toMatch(/hush|AAA/);
  }
});

test.each([0, 31, 33, 64])("a key of %i bytes is not written", (length) => {
  expect(() => encodeKey("identity-secret-key", new Uint8Array(length))).toThrowError(`of ${length} bytes must be 32`);
});

function catching(run: () => unknown): unknown {
  try {
    return run();
  } catch (thrown) {
    return thrown;
  }
}
