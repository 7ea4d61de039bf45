import type { ClientId, Instant } from "@sotto/base";
import type { TaskEvent } from "@sotto/protocol";
import type { RoundEffect } from "../round/effect.ts";
import type { RoundEvent } from "../round/event.ts";
import type { TaskState } from "./state.ts";

/** What a task steps on. */
export type LifeEvent =
  /** Enough clients are there: the next round begins with these. */
  | { readonly kind: "begin"; readonly clients: readonly ClientId[]; readonly at: Instant }
  /** Something for its round. */
  | { readonly kind: "round"; readonly event: RoundEvent }
  /** It waits for clients; these are there. */
  | { readonly kind: "short"; readonly present: readonly ClientId[]; readonly at: Instant }
  /** An operator wants no more of it. */
  | { readonly kind: "stop"; readonly at: Instant };

/** What a task's step comes to. */
export interface LifeStep {
  readonly state: TaskState;
  readonly effects: readonly RoundEffect[];
}

/** An effect that tells the operators. */
export function recorded(event: TaskEvent): RoundEffect {
  return { kind: "record", event };
}
