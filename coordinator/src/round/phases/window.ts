import { after, type Instant } from "@sotto/base";
import type { PhaseTime } from "@sotto/protocol";
import type { PhaseWindow } from "../state.ts";

/** The window of a phase that opens now. */
export function openWindow(time: PhaseTime, at: Instant): PhaseWindow {
  return { opensAt: at, earliestAt: after(at, time.minMs), deadlineAt: after(at, time.maxMs) };
}
