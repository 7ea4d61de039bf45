import { after, type FlError, type Logger, toFlError } from "@sotto/base";
import type { Answer, RefusalCode } from "@sotto/protocol";
import { backoffMs, isTransient, type RetryPorts, type RetryRule } from "./retry.ts";

/** An answer that settles the matter. */
export type SettledAnswer = Exclude<Answer, { kind: "not-now" }>;

/** What delivering needs. */
export interface DeliveryPorts extends RetryPorts {
  readonly logger: Logger;
}

const rule: RetryRule = { attemptsMax: 30, baseMs: 250, capMs: 15_000 };
/** Longest pause that `not-now` can ask for. */
const notNowMsMax = 60_000;

/** Refusals that speak of the moment, not of the message. */
const passing: readonly RefusalCode[] = ["no-upload-slot", "incomplete-upload", "shutting-down"];

/**
 * Sends a message until it is settled: the same bytes each time, so that a repeated one is a `duplicate`, and a bounded number of times.
 * Null when it could not be delivered, or the signal aborted.
 */
export async function deliver(what: string, ports: DeliveryPorts, send: () => Promise<Answer>): Promise<SettledAnswer | null> {
  for (let attempt = 0; attempt < rule.attemptsMax && !ports.signal.aborted; attempt++) {
    const outcome = await attemptOnce(send);
    if (outcome.kind === "settled") return outcome.answer;
    if (ports.signal.aborted) return null;
    if (outcome.kind === "failed" && !isTransient(outcome.error)) {
      ports.logger.error("a message cannot be delivered", { what, code: outcome.error.code, reason: outcome.error.message });
      return null;
    }
    const { code } = outcome.kind === "failed" ? outcome.error : outcome;
    ports.logger.debug("a message is sent again", { what, attempt: attempt + 1, code });
    const pauseMs = outcome.kind === "later" && outcome.retryAfterMs !== null ? outcome.retryAfterMs : backoffMs(rule, attempt, ports.rng);
    await ports.clock.sleepUntil(after(ports.clock.now(), Math.min(pauseMs, notNowMsMax)), ports.signal);
  }
  return null;
}

type Attempt =
  | { readonly kind: "settled"; readonly answer: SettledAnswer }
  | { readonly kind: "later"; readonly code: string; readonly retryAfterMs: number | null }
  | { readonly kind: "failed"; readonly error: FlError };

async function attemptOnce(send: () => Promise<Answer>): Promise<Attempt> {
  try {
    const answer = await send();
    if (answer.kind === "not-now") return { kind: "later", code: "not-now", retryAfterMs: answer.retryAfterMs };
    if (answer.kind === "refused" && passing.includes(answer.code)) return { kind: "later", code: answer.code, retryAfterMs: null };
    return { kind: "settled", answer };
  } catch (thrown) {
    return { kind: "failed", error: toFlError(thrown) };
  }
}
