import type { Brand } from "./brand.ts";
import { FlError } from "./errors.ts";

/** One enrolled client, as the roster names it: `ward-7.basel`. */
export type ClientId = Brand<string, "ClientId">;
/** One operator, as the roster names it. */
export type OperatorId = Brand<string, "OperatorId">;
/** One task of a federation. */
export type TaskId = Brand<string, "TaskId">;
/** One federation: a coordinator and the clients enrolled with it. */
export type FederationId = Brand<string, "FederationId">;
/** A round of a task, counted from 1. */
export type RoundNumber = Brand<number, "RoundNumber">;
/** A run of the aggregation protocol inside a round, counted from 0. */
export type SessionNumber = Brand<number, "SessionNumber">;

const idPattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** @throws FlError `invalid-argument` unless 1 to 63 characters of a-z, 0-9, dot, underscore, hyphen, ending in a letter or digit */
export function parseClientId(text: string): ClientId {
  return checkId(text, "client id") as ClientId;
}

/** @throws FlError `invalid-argument`, as {@link parseClientId} */
export function parseOperatorId(text: string): OperatorId {
  return checkId(text, "operator id") as OperatorId;
}

/** @throws FlError `invalid-argument`, as {@link parseClientId} */
export function parseTaskId(text: string): TaskId {
  return checkId(text, "task id") as TaskId;
}

/** @throws FlError `invalid-argument`, as {@link parseClientId} */
export function parseFederationId(text: string): FederationId {
  return checkId(text, "federation id") as FederationId;
}

/** @throws FlError `invalid-argument` unless an integer from 1 to 2^31 - 1 */
export function parseRoundNumber(value: number): RoundNumber {
  return checkCount(value, 1, "round") as RoundNumber;
}

/** @throws FlError `invalid-argument` unless an integer from 0 to 2^31 - 1 */
export function parseSessionNumber(value: number): SessionNumber {
  return checkCount(value, 0, "session") as SessionNumber;
}

function checkId(text: string, what: string): string {
  if (idPattern.test(text)) return text;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw new FlError(
    "invalid-argument",
    `${what} ${JSON.stringify(shown)} must be 1 to 63 of a-z 0-9 . _ - and start and end with a letter or digit`,
  );
}

function checkCount(value: number, min: number, what: string): number {
  if (Number.isInteger(value) && value >= min && value < 2 ** 31) return value;
  throw new FlError("invalid-argument", `${what} ${value} must be an integer from ${min} to ${2 ** 31 - 1}`);
}
