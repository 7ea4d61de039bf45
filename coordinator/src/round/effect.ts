import type { Answer, TaskEvent } from "@sotto/protocol";
import type { Evidence, SessionContext, UnmaskingServer } from "@sotto/secagg";
import type { ContributionSize } from "./state.ts";

/** What the shell is to do, in order, after a step. */
export type RoundEffect =
  /** Tell the sender of this event's message what became of it. */
  | { readonly kind: "answer"; readonly answer: Answer }
  /** Add the staged bytes of this upload to the round's sum. */
  | { readonly kind: "accumulate"; readonly upload: number; readonly laneCount: number; readonly bits: number }
  /** Open the sum, make the model, keep it durably; then report `released` or `failed`. */
  | { readonly kind: "release"; readonly session: UnmaskingServer; readonly size: ContributionSize; readonly survivors: number }
  /** The round is over: forget its sum. `committed` says whether the released model now is the task's. */
  | { readonly kind: "forget"; readonly committed: boolean }
  /** Keep durably what convicts a client of a lie in the session of this context. */
  | { readonly kind: "keep-evidence"; readonly context: SessionContext; readonly evidence: Evidence }
  /** Tell the operators who watch. */
  | { readonly kind: "record"; readonly event: TaskEvent };
