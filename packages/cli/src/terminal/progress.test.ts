import { instant } from "@sotto/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createProgress, type Progress } from "./progress.ts";

interface Shown {
  readonly progress: Progress;
  readonly written: string[];
  pass(ms: number): void;
}

function shown(terminal: { isTTY: boolean; columns?: number }, environment: Record<string, string> = {}): Shown {
  const written: string[] = [];
  let nowMs = 1_000_000;
  const screen = { ...terminal, write: (text: string) => written.push(text) };
  const progress = createProgress({ screen, clock: { now: () => instant(nowMs) }, environment });
  return {
    progress,
    written,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe("progress on a terminal", () => {
  test("the moving line is replaced, and what happened stays above it", () => {
    const { progress, written } = shown({ isTTY: true }, { NO_COLOR: "1" });
    progress.now("round 1 of 2: selecting");
    progress.now("round 1 of 2: keying");
    progress.happened("round 1 of 2 done");
    progress.now("round 2 of 2: selecting");
    progress.close();
    progress.close();
    expect(written.join("")).toBe(
      "round 1 of 2: selecting\r\u001b[Kround 1 of 2: keying\r\u001b[Kround 1 of 2 done\nround 2 of 2: selecting\r\u001b[K",
    );
  });

  test("it is dim, unless NO_COLOR asks for none", () => {
    const dimmed = "\u001b[2m";
    for (const [environment, isDim] of [
      [{}, true],
      [{ NO_COLOR: "" }, true],
      [{ NO_COLOR: "1" }, false],
    ] as const) {
      const { progress, written } = shown({ isTTY: true }, environment);
      progress.now("training");
      expect(written.join("").includes(dimmed)).toBe(isDim);
    }
  });

  test("a terminal that does not know its width gets a line of 79 at most", () => {
    for (const terminal of [{ isTTY: true }, { isTTY: true, columns: 0 }]) {
      const { progress, written } = shown(terminal, { NO_COLOR: "1" });
      progress.now("x".repeat(200));
      expect(written).toEqual(["x".repeat(79)]);
    }
  });

  test("it never wraps and nothing in a text steers the terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 21, max: 200 }), (text, columns) => {
        const { progress, written } = shown({ isTTY: true, columns }, { NO_COLOR: "1" });
        progress.now(text);
        expect(written[0]!.length).toBeLessThan(columns);
        expect(written[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe("progress into a file or pipe", () => {
  test.each([
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { TERM: "dumb" }],
  ])("lines are plain and not a flood: %j %j", (terminal, environment) => {
    const { progress, written, pass } = shown(terminal, environment);
    progress.now("round 1 of 2: selecting");
    progress.now("round 1 of 2: keying");
    pass(6000);
    progress.now("round 1 of 2: sharing");
    pass(6000);
    progress.now("round 1 of 2: sharing");
    progress.happened("round 1 of 2 done");
    progress.close();
    expect(written).toEqual(["round 1 of 2: selecting\n", "round 1 of 2: sharing\n", "round 1 of 2 done\n"]);
  });
});
