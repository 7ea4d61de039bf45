import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import { expect, test } from "vitest";
import type { Notice } from "../round/effect.ts";
import { keepingLogger } from "../testing/keeping-logger.ts";
import { report } from "./report.ts";

const position = { task: parseTaskId("heart"), round: parseRoundNumber(4), session: parseSessionNumber(0) };

test.each<[Notice, string, string]>([
  [{ kind: "phase", from: "waiting", to: "training", position }, "debug", "phase"],
  [{ kind: "idle" }, "debug", "no work"],
  [{ kind: "stood-down", position, reason: "too slow" }, "info", "stood this client down"],
  [{ kind: "few-peers", position, cohortSize: 4 }, "warn", "at most 4 clients: the other 3 together could subtract themselves"],
  [{ kind: "done", position }, "info", "is done"],
  [{ kind: "refused", position, refusal: { code: "policy", message: "delta 0.4" } }, "warn", "leaves the round"],
  [{ kind: "turned-away", position, code: "stale", message: "late" }, "warn", "did not take"],
])("the owner is told at a fitting level: %o", (notice, level, message) => {
  const logger = keepingLogger();
  report(logger, notice);
  expect(logger.lines).toMatchObject([{ level, message: expect.stringContaining(message) }]);
  if (notice.kind !== "idle") expect(logger.lines[0]?.fields).toMatchObject({ task: "heart", round: 4, session: 0 });
});
