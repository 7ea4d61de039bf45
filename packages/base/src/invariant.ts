import { FlError } from "./errors.ts";

/**
 * States what cannot be false; it stays on in production.
 * @throws FlError `internal` when `condition` is false: the claim names the bug.
 */
export function invariant(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new FlError("internal", `invariant broken: ${claim}`);
}

/** The `default` of every `switch` over a union: does not compile while a member is unhandled. @throws FlError `internal` */
export function assertNever(value: never): never {
  throw new FlError("internal", `no case handles ${JSON.stringify(value)}`);
}
