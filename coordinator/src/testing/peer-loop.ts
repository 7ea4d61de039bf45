import { after, type Clock, FlError } from "@sotto/base";
import type { Answer, CoordinatorFace, Instruction, InstructionKind } from "@sotto/protocol";
import type { Peer, Reply } from "./peer.ts";

/** How a peer runs against a coordinator's face. */
export interface PeerLoopOptions {
  readonly peer: Peer;
  readonly face: CoordinatorFace;
  readonly clock: Clock;
  /** Virtual time its training takes. */
  readonly trainingMs: number;
  /** Ends the loop; a call under way is cut. */
  readonly signal: AbortSignal;
  /** What the peer makes of an instruction: does it, withdraws, or vanishes as a killed process does. By default it does all. */
  readonly onInstruction?: (kind: InstructionKind) => "act" | "withdraw" | "vanish";
}

/** What a peer was told, for tests to look at. */
export interface PeerLog {
  readonly kinds: InstructionKind[];
  readonly reasons: string[];
  readonly answers: Answer[];
}

/** A client's loop as short as can be: poll, act, answer; it keeps a poll open while it trains, so that it is seen to be there. */
export async function runPeer(options: PeerLoopOptions, log: PeerLog): Promise<void> {
  try {
    await poll(options, log);
  } catch (error) {
    // A call that its own connection cut is how a peer ends; a coordinator that closes is another.
    if (!(error instanceof FlError) || (error.code !== "cancelled" && error.code !== "unavailable")) throw error;
  }
}

async function poll(options: PeerLoopOptions, log: PeerLog): Promise<void> {
  const { peer, face, signal } = options;
  while (!signal.aborted) {
    const instruction = await face.next(peer.cursor, signal);
    if (signal.aborted) return;
    if (instruction.kind === "unchanged") continue;
    if (instruction.kind === "idle") await pause(options, instruction.retryAfterMs);
    else if (!(await takeUp(options, instruction, log))) return;
  }
}

/** False when the peer vanished. */
async function takeUp(
  options: PeerLoopOptions,
  instruction: Exclude<Instruction, { kind: "unchanged" | "idle" }>,
  log: PeerLog,
): Promise<boolean> {
  const { peer, face, signal } = options;
  const { kind, position } = instruction;
  log.kinds.push(kind);
  const deed = options.onInstruction?.(kind) ?? "act";
  const reply = peer.respond(instruction);
  if (deed === "vanish") {
    pollMeanwhile(options, signal);
    return false;
  }
  if (instruction.kind === "stand-down") {
    log.reasons.push(instruction.reason);
    await pause(options, instruction.retryAfterMs);
  }
  if (deed === "withdraw") {
    log.answers.push(await face.submit({ kind: "withdrawal", position, reason: "as told" }));
    return true;
  }
  if (kind === "train") await trainWhilePolling(options);
  if (reply !== null && !signal.aborted) log.answers.push(await send(face, reply, signal));
  return true;
}

/** Nothing told yet. */
export function newLog(): PeerLog {
  return { kinds: [], reasons: [], answers: [] };
}

/** Sends what a peer says. */
export function send(face: CoordinatorFace, reply: Reply, signal: AbortSignal): Promise<Answer> {
  return reply.kind === "upload" ? face.upload(reply.declaration, inPieces(reply.bytes), signal) : face.submit(reply.submission);
}

async function trainWhilePolling(options: PeerLoopOptions): Promise<void> {
  const over = new AbortController();
  pollMeanwhile(options, AbortSignal.any([options.signal, over.signal]));
  await pause(options, options.trainingMs);
  over.abort();
}

/** What it is told meanwhile it will be told again; a coordinator that is gone, the next call will meet. */
function pollMeanwhile({ peer, face }: PeerLoopOptions, signal: AbortSignal): void {
  face.next(peer.cursor, signal).then(undefined, () => undefined);
}

function pause({ clock, signal }: PeerLoopOptions, durationMs: number): Promise<void> {
  return clock.sleepUntil(after(clock.now(), durationMs), signal);
}

/** Of odd sizes, so that no chunk ends where a lane does; some dozens at most. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 7 * Math.ceil(bytes.length / 256);
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}
