import type { Outcome } from "@sotto/base";
import type { Answer, ProtocolRefusal } from "@sotto/protocol";
import type { RoundEffect } from "./effect.ts";
import type { RoundState } from "./state.ts";

/** What a step comes to. */
export interface Step {
  readonly state: RoundState;
  /** For the shell, in order. */
  readonly effects: readonly RoundEffect[];
}

/** What a phase makes of a message it waits for; a refusal leaves the state as it was. */
export type Taken = Outcome<
  {
    readonly state: RoundState;
    /** The identical message counted before. */
    readonly repeated: boolean;
  },
  ProtocolRefusal
>;

/** A step that changes nothing and tells the sender why. */
export function answered(state: RoundState, answer: Answer): Step {
  return { state, effects: [{ kind: "answer", answer }] };
}

/** The answer among the effects of a step; null when nobody is answered. */
export function answerIn(effects: readonly RoundEffect[]): Answer | null {
  for (const effect of effects) if (effect.kind === "answer") return effect.answer;
  return null;
}

/** The answer to a message that is refused. */
export function refusal(code: ProtocolRefusal["code"], message: string): Answer {
  return { kind: "refused", code, message };
}
