import { FlError, utf8 } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { parsedText, parseJson, parseWith, parseYaml, schema } from "./parse.ts";

const shape = schema.strictObject({
  name: schema.string().min(1),
  rounds: schema.number().int().min(1),
  layers: schema.array(schema.strictObject({ units: schema.number() })).max(100),
});
const good = { name: "heart", rounds: 3, layers: [{ units: 8 }] };

test("every mistake is named with its path, one a line", () => {
  const wrong = { name: "", rounds: 0.5, layers: [{ units: 8 }, { units: "8", bias: true }] };
  const lines = messageOf(() => parseWith(shape, wrong, "task")).split("\n");
  expect(lines[0]).toBe("task has 4 mistakes");
  expect(lines.slice(1).map((line) => line.split(":")[0])).toEqual(["  name", "  rounds", "  layers[1].units", "  layers[1]"]);
  expect(lines[4]).toContain('"bias"');
});

test("a value that is wrong as a whole is one mistake", () => {
  expect(messageOf(() => parseWith(shape, null, "task"))).toMatch(/^task has 1 mistake\n {2}\(whole\): /);
});

test("of many mistakes the first fifty are named and the rest counted", () => {
  const lines = messageOf(() => parseWith(schema.array(schema.number()), new Array(60).fill("x"), "list")).split("\n");
  expect(lines[0]).toBe("list has 60 mistakes");
  expect(lines).toHaveLength(52);
  expect(lines[51]).toBe("  and 10 more");
});

describe("JSON", () => {
  test("of a value that fits comes back as that value", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1 }), (name, rounds) => {
        const value = { name, rounds, layers: [] };
        expect(parseJson(shape, canonicalJson(value), "task")).toEqual(value);
      }),
    );
  });

  test.each([["{"], [""], ["{}{}"], ["\ufeff{}"]])("%j is not JSON", (text) => {
    expect(messageOf(() => parseJson(shape, utf8(text), "task"))).toBe(`task of ${utf8(text).length} bytes is not JSON`);
  });

  test("that is not UTF-8 is refused", () => {
    expect(messageOf(() => parseJson(shape, Uint8Array.of(0x22, 0xff, 0x22), "task"))).toBe("task of 3 bytes is not JSON");
  });

  test("is read 64 levels deep and refused below, before it can exhaust a stack", () => {
    const nested = (levels: number) => utf8("[".repeat(levels) + "]".repeat(levels));
    expect(() => parseJson(schema.json(), nested(64), "plan")).not.toThrow();
    for (const levels of [65, 100_000]) {
      expect(messageOf(() => parseJson(schema.json(), nested(levels), "plan"))).toContain("nested more than 64 deep");
    }
  });
});

describe("YAML", () => {
  test("of a value that fits comes back as that value", () => {
    expect(parseYaml(shape, "name: heart # a comment\nrounds: 3\nlayers:\n  - units: 8\n", "task")).toEqual(good);
  });

  test("errors are named with line and column", () => {
    expect(messageOf(() => parseYaml(shape, "name: heart\nname: lungs\n", "task"))).toBe(
      "task has 1 mistake\n  Map keys must be unique at line 2, column 1",
    );
    expect(messageOf(() => parseYaml(shape, "name:\n\t- heart\n", "task"))).toContain("line 2, column 1");
  });

  test("a tag that means nothing here is a mistake, not a string", () => {
    expect(messageOf(() => parseYaml(shape, "name: !env NAME\nrounds: 3\nlayers: []\n", "task"))).toContain("Unresolved tag: !env");
  });

  test("an alias is a mistake, whatever it would expand to", () => {
    const bomb = `a: &a [x, x]\n${[..."bcdefgh"].map((key, i) => `${key}: &${key} [*${"abcdefg"[i]}, *${"abcdefg"[i]}]`).join("\n")}\n`;
    expect(messageOf(() => parseYaml(shape, bomb, "policy"))).toContain("the alias *a must be written out");
  });

  test("mistakes of the value are named as for JSON", () => {
    expect(messageOf(() => parseYaml(shape, "name: heart\nrounds: .inf\nlayers: []\n", "task"))).toContain("\n  rounds: ");
  });
});

function messageOf(parse: () => unknown): string {
  try {
    parse();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(FlError);
    expect((thrown as FlError).code).toBe("invalid-argument");
    return (thrown as FlError).message;
  }
  throw new Error("nothing was thrown");
}

test("what a constructor throws is a mistake with its place, beside the others", () => {
  const even = (text: string): number => {
    if (Number(text) % 2 === 0) return Number(text);
    throw new FlError("invalid-argument", `${text} is not even`);
  };
  const pair = schema.strictObject({ a: parsedText(even), b: parsedText(even) });
  expect(parseWith(pair, { a: "2", b: "4" }, "pair")).toEqual({ a: 2, b: 4 });
  expect(() => parseWith(pair, { a: "1", b: "3" }, "pair")).toThrow("pair has 2 mistakes\n  a: 1 is not even\n  b: 3 is not even");
});
