import { type Instant, invariant } from "@sotto/base";
import type { Answer, Position } from "@sotto/protocol";
import type { ClientWord } from "../command.ts";
import { step } from "../round/step.ts";
import { answerIn } from "../round/step-result.ts";
import { answerToPosition } from "./position.ts";
import type { TaskState } from "./state.ts";
import { liveRound } from "./step.ts";

/** What this word would be answered now, were it said: nothing changes. */
export function forecast(
  task: TaskState | undefined,
  said: { readonly position: Position; readonly word: ClientWord; readonly at: Instant },
): Answer {
  const unplaced = answerToPosition(task, said.position);
  if (unplaced !== null) return unplaced;
  const round = task === undefined ? null : liveRound(task);
  invariant(round !== null, "a position without an answer is that of a running round");
  const answer = answerIn(step(round, { ...said.word, at: said.at }).effects);
  invariant(answer !== null, "every word is answered");
  return answer;
}
