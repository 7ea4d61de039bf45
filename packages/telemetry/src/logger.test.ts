import { FlError, instant, type LogFields } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLogger, type LoggerOptions, type LogLevel } from "./logger.ts";

const clock = { now: () => instant(Date.UTC(2026, 0, 2, 3, 4, 5, 678)) };

test("a line is one JSON object with time, level, message and fields", () => {
  const { lines, logger } = record({ level: "info" });
  logger.info("round released", { round: 3, cohort: ["a", "b"], dry: false, task: null, gone: undefined });
  expect(lines).toEqual([
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","round":3,"cohort":["a","b"],"dry":false,"task":null,"message":"round released"}\n',
  ]);
});

test("whatever a message and its fields hold, a line is one JSON object that gives them back", () => {
  const texts = fc.string({ unit: "binary", maxLength: 60 });
  const value = fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null), fc.array(texts, { maxLength: 4 }));
  const names = fc.stringMatching(/^[a-z%"\n_]{1,12}$/).filter((name) => !["time", "level", "message"].includes(name) && !secret(name));
  fc.assert(
    fc.property(texts, fc.dictionary(names, value), (message, fields) => {
      const { lines, logger } = record({ level: "trace" });
      logger.debug(message, fields);
      expect(lines).toHaveLength(1);
      expect(lines[0]!.indexOf("\n")).toBe(lines[0]!.length - 1);
      expect(JSON.parse(lines[0]!)).toEqual({ ...fields, time: "2026-01-02T03:04:05.678Z", level: "debug", message });
    }),
  );
});

test("a level is told when it is the log's own or above", () => {
  const order: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "silent"];
  for (const [at, level] of order.entries()) {
    const { lines, logger } = record({ level });
    logger.trace("m");
    logger.debug("m");
    logger.info("m");
    logger.warn("m");
    logger.error("m");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(order.slice(at, 5));
  }
});

test("an unknown level is refused", () => {
  expect(() => createLogger({ level: "loud" as LogLevel })).toThrowError(FlError);
});

test("a child's fields are on each of its lines, the nearest wins, and no name stands twice", () => {
  const { lines, logger } = record({ level: "info" });
  const child = logger.child({ task: "demo", round: 1 }).child({ round: 2 });
  child.warn("late", { client: "c1" });
  child.warn("later", { round: 3 });
  logger.warn("alone");
  expect(lines.map((line) => line.replace(/^.*Z"/, ""))).toEqual([
    ',"task":"demo","round":2,"client":"c1","message":"late"}\n',
    ',"task":"demo","round":3,"message":"later"}\n',
    ',"message":"alone"}\n',
  ]);
});

test("a field cannot stand in for time, level or message", () => {
  const { lines, logger } = record({ level: "info" });
  logger.info("real", { time: "never", level: "error", message: "forged" });
  expect(JSON.parse(lines[0]!)).toEqual({
    time: "2026-01-02T03:04:05.678Z",
    level: "info",
    message: "real",
    _time: "never",
    _level: "error",
    _message: "forged",
  });
});

test("bytes that came past the types are removed at every level of the log", () => {
  const { lines, logger } = record({ level: "info" });
  const smuggled = { key: Uint8Array.of(222, 173), buffer: Buffer.from("hush") } as unknown as LogFields;
  logger.info("m", smuggled);
  logger.child(smuggled).info("m");
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({ key: "[removed: 2 bytes]", buffer: "[removed: 4 bytes]" });
    expect(line).not.toMatch(/222|hush/);
  }
});

test("without a clock the time is the machine's", () => {
  const lines: string[] = [];
  const before = Date.now();
  createLogger({ level: "info", destination: { write: (line) => lines.push(line) } }).info("m");
  const told = Date.parse(JSON.parse(lines[0]!).time);
  expect(told).toBeGreaterThanOrEqual(before);
  expect(told).toBeLessThanOrEqual(Date.now());
});

test("a pretty log writes readable lines", () => {
  const { lines, logger } = record({ level: "info", pretty: true });
  logger.info("round released", { round: 3, cohort: ["a", "b"], reason: "goal met" });
  expect(lines).toEqual(['2026-01-02T03:04:05.678Z INFO  round released round=3 cohort=[a, b] reason="goal met"\n']);
});

function record(options: Omit<LoggerOptions, "destination" | "clock">) {
  const lines: string[] = [];
  return { lines, logger: createLogger({ ...options, clock, destination: { write: (line) => lines.push(line) } }) };
}

function secret(name: string): boolean {
  return /secret|private|passw|seed|mask|share/.test(name);
}
