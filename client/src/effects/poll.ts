import type { Instant, Logger } from "@sotto/base";
import type { CoordinatorFace, Cursor, Instruction } from "@sotto/protocol";
import { assertGoing, type RetryPorts, type RetryRule, retrying } from "./retry.ts";
import { within } from "./within.ts";

/** A week of an unreachable coordinator. */
const rule: RetryRule = { attemptsMax: 40_000, baseMs: 500, capMs: 30_000 };

/** A coordinator answers within about 25 s: one that does not is not there any more. */
const answerMsMax = 90_000;

/** What polling needs. */
export interface PollPorts extends RetryPorts {
  readonly face: CoordinatorFace;
  readonly logger: Logger;
}

/**
 * The next instruction, however long the coordinator is away.
 * @throws FlError when asking again is of no use (such as `unauthenticated`), after a week, or `cancelled`
 */
export async function poll(ports: PollPorts, cursor: Cursor | null, notBefore: Instant): Promise<Instruction> {
  const { clock, signal, face, logger } = ports;
  await clock.sleepUntil(notBefore, signal);
  assertGoing(signal);
  return retrying(
    rule,
    ports,
    () => within({ clock, signal, limitMs: answerMsMax }, (call) => face.next(cursor, call)),
    (error, attempt) => {
      const fields = { attempt: attempt + 1, code: error.code, reason: error.message };
      if (attempt === 0) logger.warn("the coordinator cannot be reached", fields);
      else logger.debug("the coordinator cannot be reached", fields);
    },
  );
}
