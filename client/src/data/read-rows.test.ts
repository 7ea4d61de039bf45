import { inspect } from "node:util";
import { FlError, utf8 } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RawRow, readRows } from "./read-rows.ts";

async function rowsOf(chunks: Iterable<Uint8Array>, delimiter = ","): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  await readRows({ chunks, delimiter }, (row) => rows.push(row));
  return rows;
}

const rowsOfText = (text: string): Promise<RawRow[]> => rowsOf([utf8(text)]);
const cellsOf = (rows: readonly RawRow[]): (readonly string[])[] => rows.map((row) => row.cells);

describe("rows of a CSV text", () => {
  test("the examples of RFC 4180 §2 read as it says", async () => {
    expect(cellsOf(await rowsOfText("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"))).toEqual([
      ["aaa", "bbb", "ccc"],
      ["zzz", "yyy", "xxx"],
    ]);
    expect(cellsOf(await rowsOfText('"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx'))).toEqual([
      ["aaa", "b\r\nbb", "ccc"],
      ["zzz", "yyy", "xxx"],
    ]);
    expect(cellsOf(await rowsOfText('"aaa","b""bb","ccc"'))).toEqual([["aaa", 'b"bb', "ccc"]]);
  });

  test("any cells survive being written and read, in pieces of any size and with any line end", async () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (rows, lineEnd, pieceBytes, isLastEnded) => {
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const lines = rows.map((row) => row.map(quote).join(","));
          const bytes = utf8(`\uFEFF${lines.join(lineEnd)}${isLastEnded ? lineEnd : ""}`);
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
          expect(cellsOf(await rowsOf(pieces))).toEqual(rows.map((row) => row.map((text) => text.trim())));
        },
      ),
    );
  });

  test("blank lines are no rows and lines are counted as an editor counts them", async () => {
    const rows = await rowsOfText('\uFEFFa,b\r\n\r\n1, "x" \r\n   \r\n3,"4\n5"\r\n6,7\r\n\r\n');
    expect(rows.map((row) => row.line)).toEqual([1, 3, 6, 7]);
  });

  test("another delimiter leaves commas alone", async () => {
    expect(cellsOf(await rowsOf([utf8("1,5;2\n")], ";"))).toEqual([["1,5", "2"]]);
  });

  test("a quote inside an unquoted cell is a character", async () => {
    expect(cellsOf(await rowsOfText('5" pipe,2\n'))).toEqual([['5" pipe', "2"]]);
  });

  test("a quote that is never closed is an error that shows no cell", async () => {
    const thrown = await rowsOfText('1,2\n"secret,4\n5,6\n').catch((error: unknown) => error);
    expect(thrown).toEqual(new FlError("invalid-argument", "the table is damaged: a quoted cell is never closed"));
    expect(inspect(thrown)).not.toContain("secret");
  });

  test("a row without an end stops the reading at its bound", async () => {
    let given = 0;
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        given += 1 << 16;
        yield utf8("x".repeat(1 << 16));
      }
    }
    await expect(rowsOf(endless())).rejects.toMatchObject({ code: "invalid-argument" });
    expect(given).toBeLessThan(4 << 20);
  });

  test("a quote cannot be the delimiter", async () => {
    await expect(rowsOf([utf8("1,2\n")], '"')).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("what the caller throws reaches the caller", async () => {
    const thrown = new RangeError("stop here");
    await expect(
      readRows({ chunks: [utf8("1,2\n")], delimiter: "," }, () => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
  });
});
