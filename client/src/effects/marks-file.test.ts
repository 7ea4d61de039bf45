import {
  FlError,
  fromUtf8,
  instant,
  parseClientId,
  parseDigest,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  parseTaskId,
  utf8,
} from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Remembered } from "../round/state.ts";
import { remembered } from "../testing/marks-contract.ts";
import { decodeMarks, encodeMarks, type MarksOwner } from "./marks-file.ts";

const owner: MarksOwner = { client: parseClientId("basel"), authority: parseDigest("ab".repeat(32)) };

function place(round: number, session: number) {
  return { round: parseRoundNumber(round), session: parseSessionNumber(session) };
}

const example: Remembered = {
  marks: new Map([
    [parseTaskId("lung"), { offered: place(1, 0), entered: null, spentRound: 0, attested: null }],
    [
      parseTaskId("heart"),
      {
        offered: place(7, 0),
        entered: place(7, 1),
        spentRound: 6,
        attested: { ...place(6, 0), survivorsDigest: parseDigest("cd".repeat(32)) },
      },
    ],
  ]),
  seenRoster: { federation: parseFederationId("hospitals"), version: 3, digest: parseDigest("ef".repeat(32)) },
  leftAt: instant(1_767_225_600_000),
  isInRound: true,
};

const content = `{"authority":"${"ab".repeat(32)}","client":"basel",DIGEST"isInRound":true,"leftAt":1767225600000,\
"seenRoster":{"digest":"${"ef".repeat(32)}","federation":"hospitals","version":3},"tasks":[\
{"attested":{"round":6,"session":0,"survivorsDigest":"${"cd".repeat(32)}"},"entered":{"round":7,"session":1},\
"offered":{"round":7,"session":0},"spentRound":6,"task":"heart"},\
{"attested":null,"entered":null,"offered":{"round":1,"session":0},"spentRound":0,"task":"lung"}],"version":1}`;

/** The file of a content, its digest in its place. */
function fileOf(of: string): string {
  return of.replace("DIGEST", `"digest":"${sha256Digest(utf8(of.replace("DIGEST", "")))}",`);
}

const text = fileOf(content);

test("the file of version 1 is this text", () => {
  expect(fromUtf8(encodeMarks(owner, example))).toBe(text);
  expect(decodeMarks(utf8(text), owner, "marks.json")).toEqual(example);
});

test("whatever is remembered comes back, and is written the same way whatever the order of its tasks", () => {
  fc.assert(
    fc.property(remembered, (kept) => {
      const bytes = encodeMarks(owner, kept);
      expect(decodeMarks(bytes, owner, "marks.json")).toEqual(kept);
      const turned = { ...kept, marks: new Map([...kept.marks].reverse()) };
      expect(encodeMarks(owner, turned)).toEqual(bytes);
    }),
  );
});

test("a file with a byte changed, added or lost is never taken for marks", () => {
  const bytes = utf8(text);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const flipped = bytes.map((byte, index) => (index === at ? byte ^ change : byte));
      for (const damaged of [flipped, bytes.slice(0, at)]) expect(() => decodeMarks(damaged, owner, "marks.json")).toThrow(FlError);
    }),
  );
  for (const more of [`${text}\n`, ` ${text}`, `${text}${text}`, ""])
    expect(() => decodeMarks(utf8(more), owner, "marks.json")).toThrow(FlError);
});

test("a mark that was lowered by one digit is damage", () => {
  expect(() => decodeMarks(utf8(text.replace('"spentRound":6', '"spentRound":5')), owner, "marks.json")).toThrow(
    "is not as it was written",
  );
});

test.each<[string, string, string]>([
  ["a field that is missing", fileOf(content.replace('"leftAt":1767225600000,', "")), "leftAt: "],
  ["a field that nobody knows", fileOf(content.replace('"version":1}', '"version":1,"x":1}')), '"x"'],
  ["another version", fileOf(content.replace('"version":1}', '"version":2}')), "version: "],
  ["a round that cannot be", fileOf(content.replace('"round":7', '"round":0')), "tasks[0].entered.round: "],
  ["a task named twice", fileOf(content.replace('"task":"lung"', '"task":"heart"')), "is not as it was written"],
])("a file with %s is data loss, with its name and the place", (_, changed, named) => {
  expect(() => decodeMarks(utf8(changed), owner, "/srv/marks.json")).toThrow(
    expect.objectContaining({ code: "data-loss", message: expect.stringContaining(named) }),
  );
  expect(() => decodeMarks(utf8(changed), owner, "/srv/marks.json")).toThrow("/srv/marks.json");
});

test.each<[string, MarksOwner, string]>([
  ["client", { ...owner, client: parseClientId("bern") }, "holds marks of client basel, not of bern"],
  ["federation", { ...owner, authority: parseDigest("01".repeat(32)) }, "holds marks of a federation with another authority key"],
])("marks of another %s are refused", (_, other, message) => {
  expect(() => decodeMarks(utf8(text), other, "marks.json")).toThrow(
    expect.objectContaining({ code: "failed-precondition", message: expect.stringContaining(message) }),
  );
});
