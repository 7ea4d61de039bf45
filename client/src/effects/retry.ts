import { after, type Clock, FlError, type FlErrorCode, type Rng, toFlError } from "@sotto/base";

/** How often and how soon a failed call is made again. */
export interface RetryRule {
  readonly attemptsMax: number;
  /** Longest pause after the first failure; it doubles with each further one. */
  readonly baseMs: number;
  /** Longest pause of all. */
  readonly capMs: number;
}

/** What a retry needs of the machine. */
export interface RetryPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/** Codes after which the same call may yet succeed. The others say that it never will. */
const transient: Readonly<Record<FlErrorCode, boolean>> = {
  "invalid-argument": false,
  "failed-precondition": false,
  "not-found": false,
  "already-exists": false,
  "permission-denied": false,
  unauthenticated: false,
  "resource-exhausted": true,
  unavailable: true,
  "deadline-exceeded": true,
  aborted: true,
  cancelled: true,
  "data-loss": true,
  unimplemented: false,
  internal: true,
};

/** Whether a call that failed like this is worth making again. */
export function isTransient(error: FlError): boolean {
  return transient[error.code];
}

/**
 * The pause before attempt `attempt` + 1, in ms: uniform below min(cap, base * 2^attempt), so that clients cut off together do not
 * come back together. Brooker 2015, "Exponential Backoff and Jitter" (full jitter).
 */
export function backoffMs(rule: RetryRule, attempt: number, rng: Rng): number {
  const bytes = rng.bytes(4);
  const uniform = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
  return uniform * Math.min(rule.capMs, rule.baseMs * 2 ** Math.min(attempt, 30));
}

/** Waits; @throws FlError `cancelled` when the signal aborts first */
export async function pause({ clock, signal }: RetryPorts, durationMs: number): Promise<void> {
  await clock.sleepUntil(after(clock.now(), durationMs), signal);
  assertGoing(signal);
}

/** @throws FlError `cancelled` once the signal aborted */
export function assertGoing(signal: AbortSignal): void {
  if (signal.aborted) throw new FlError("cancelled", "the work was called off");
}

/**
 * The result of `call`, made again after each transient failure; `onFailure` is told of each.
 * @throws FlError the last failure, when it is not transient or the attempts are used up; `cancelled` when the signal aborts
 */
export async function retrying<T>(
  rule: RetryRule,
  ports: RetryPorts,
  call: () => Promise<T>,
  onFailure: (error: FlError, attempt: number) => void = () => undefined,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    assertGoing(ports.signal);
    try {
      return await call();
    } catch (thrown) {
      const error = toFlError(thrown);
      if (!isTransient(error) || attempt + 1 >= rule.attemptsMax) throw error;
      assertGoing(ports.signal);
      onFailure(error, attempt);
      await pause(ports, backoffMs(rule, attempt, ports.rng));
    }
  }
}
