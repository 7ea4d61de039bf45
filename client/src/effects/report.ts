import { assertNever, type LogFields, type Logger } from "@sotto/base";
import type { Position } from "@sotto/protocol";
import type { Notice } from "../round/effect.ts";

/** Writes what the machine tells to the owner's log. */
export function report(logger: Logger, notice: Notice): void {
  switch (notice.kind) {
    case "phase":
      logger.debug("phase", { from: notice.from, to: notice.to, ...(notice.position === null ? {} : fieldsOf(notice.position)) });
      return;
    case "idle":
      logger.debug("the coordinator has no work for this client");
      return;
    case "stood-down":
      logger.info("the coordinator stood this client down", { ...fieldsOf(notice.position), reason: notice.reason });
      return;
    case "few-peers":
      logger.warn(fewPeers(notice.cohortSize), { ...fieldsOf(notice.position), cohortSize: notice.cohortSize });
      return;
    case "done":
      logger.info("this client's part of the round is done", fieldsOf(notice.position));
      return;
    case "refused":
      logger[notice.refusal.code === "stopping" ? "info" : "warn"]("this client leaves the round", {
        ...fieldsOf(notice.position),
        code: notice.refusal.code,
        reason: notice.refusal.message,
      });
      return;
    case "turned-away":
      logger.warn("the coordinator did not take this client's message", {
        ...fieldsOf(notice.position),
        code: notice.code,
        reason: notice.message,
      });
      return;
    default:
      assertNever(notice);
  }
}

/** SECAGG, decision 9. */
function fewPeers(cohortSize: number): string {
  const others = cohortSize - 1;
  return `the sum of this session is over at most ${cohortSize} clients: the other ${others} together could subtract themselves and see this client's update`;
}

function fieldsOf({ task, round, session }: Position): LogFields {
  return { task, round, session };
}
