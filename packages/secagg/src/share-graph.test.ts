import { membersOf } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createShareGraph, neighboursOf, union } from "./share-graph.ts";

test("a holder knows its dealers in order, each with its own place among that dealer's holders", () => {
  const holders = [[1, 3], [0, 2, 3], [], [0, 1]];
  const graph = createShareGraph(membersOf(4, [0, 1, 3]), (dealer) => holders[dealer]!);
  expect(graph.dealers).toEqual([
    [
      { dealer: 1, position: 0 },
      { dealer: 3, position: 0 },
    ],
    [
      { dealer: 0, position: 0 },
      { dealer: 3, position: 1 },
    ],
    [{ dealer: 1, position: 1 }],
    [
      { dealer: 0, position: 1 },
      { dealer: 1, position: 2 },
    ],
  ]);
  expect(graph.holders).toEqual(holders);
});

test("who did not deal has no holders, and is nobody's neighbour among the dealers", () => {
  const graph = createShareGraph(membersOf(3, [0, 1]), (dealer) => [0, 1, 2].filter((holder) => holder !== dealer));
  expect(graph.holders[2]).toEqual([]);
  expect(neighboursOf(graph, 0, membersOf(3, [0, 1]))).toEqual([1]);
  expect(neighboursOf(graph, 0, membersOf(3, [0, 1, 2]))).toEqual([1, 2]);
});

test("neighbours are mutual, ascending, and never the client itself, for every graph", () => {
  const size = 8;
  const everybody = Array.from({ length: size }, (_, index) => index);
  const drawn = fc.tuple(...everybody.map((own) => fc.subarray(everybody.filter((other) => other !== own))));
  fc.assert(
    fc.property(drawn, fc.subarray(everybody), (holders, dealing) => {
      const dealers = membersOf(size, dealing);
      const graph = createShareGraph(dealers, (dealer) => holders[dealer]!);
      const neighbours = everybody.map((own) => neighboursOf(graph, own, dealers));
      for (const own of everybody) {
        expect(neighbours[own]).toEqual(neighbours[own]!.toSorted((a, b) => a - b));
        expect(neighbours[own]).not.toContain(own);
        for (const other of neighbours[own]!) {
          expect(graph.holders[own]!.includes(other) || graph.holders[other]!.includes(own)).toBe(true);
          if (dealing.includes(own)) expect(neighbours[other]).toContain(own);
        }
      }
    }),
  );
});

test("a union holds each index once, in order", () => {
  expect(union([3, 1], [1, 10, 2])).toEqual([1, 2, 3, 10]);
});
