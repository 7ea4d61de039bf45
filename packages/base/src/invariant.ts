import { FlError } from "./errors.ts";

/**
 * States what cannot be false; it stays on in production.
 * @throws FlError `internal` when `condition` is false: the claim names the bug.
 */
export function invariant(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new FlError("internal", `invariant broken: ${claim}`);
}

/**
 * The `default` of every `switch` over a union: does not compile while a member is unhandled.
 * Names the value's `kind` or `phase` and nothing else of it: a state may hold secrets.
 * @throws FlError `internal`
 */
export function assertNever(value: never): never {
  throw new FlError("internal", `no case handles ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value !== "object" || value === null) return String(value);
  for (const tag of ["kind", "phase"]) {
    const name: unknown = Reflect.get(value, tag);
    if (typeof name === "string") return `${tag} ${JSON.stringify(name.slice(0, 80))}`;
  }
  return "an object without kind or phase";
}
