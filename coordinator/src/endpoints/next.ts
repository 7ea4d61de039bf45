import { after, type ClientId } from "@sotto/base";
import type { CoordinatorFace, Cursor, Instruction } from "@sotto/protocol";
import type { Loop } from "../loop.ts";
import { OpenCalls } from "./open-calls.ts";

/** How long a poll is held while there is nothing new: shorter than proxies cut (PLATFORM 1). */
export const pollMs = 25_000;

/** When to call again while the coordinator shuts down. */
const closingRetryMs = 5_000;

/** Polls a client may hold at a time: a reconnecting client has an old one for a while. */
const pollsMax = 4;

/**
 * The long poll of all clients. An open poll is how the coordinator knows that a client is there. While some task may want the client it is
 * told nothing until there is something to do; when no task is left, a client that took part is told so at once, and then held again.
 */
export function createNext(loop: Loop): (client: ClientId) => CoordinatorFace["next"] {
  const polls = new OpenCalls({ perClientMax: pollsMax, closing: loop.closing });
  const toldIdle = new Set<ClientId>();
  return (client) => async (cursor, signal) => {
    const call = polls.begin(client);
    try {
      await loop.submit({ kind: "poll-began", client, cursor });
      return await poll({ loop, client, cursor, toldIdle, signal: AbortSignal.any([signal, call.signal]) });
    } finally {
      polls.end(client, call);
      loop.tell({ kind: "call-ended", client, cut: signal.aborted });
    }
  };
}

interface Poll {
  readonly loop: Loop;
  readonly client: ClientId;
  readonly cursor: Cursor | null;
  /** Clients that were told since there last was a task. */
  readonly toldIdle: Set<ClientId>;
  readonly signal: AbortSignal;
}

async function poll(call: Poll): Promise<Instruction> {
  const { loop, client, cursor, signal } = call;
  const { clock } = loop.ports;
  const until = after(clock.now(), pollMs);
  for (;;) {
    const instruction = loop.instruct(client, cursor);
    if (instruction.kind !== "unchanged") return instruction;
    if (loop.closing.aborted) return { kind: "idle", retryAfterMs: closingRetryMs };
    if (isNewlyIdle(call)) return { kind: "idle", retryAfterMs: 0 };
    if (signal.aborted || clock.now() >= until) return loop.isIdle() ? { kind: "idle", retryAfterMs: 0 } : instruction;
    await loop.clients.heard(client, { clock, until, signal });
  }
}

function isNewlyIdle({ loop, client, cursor, toldIdle }: Poll): boolean {
  if (!loop.isIdle()) toldIdle.delete(client);
  else if (cursor !== null && !toldIdle.has(client)) {
    toldIdle.add(client);
    return true;
  }
  return false;
}
