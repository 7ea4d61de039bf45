import type { ClientId, TaskId } from "@sotto/base";
import type { Seed } from "@sotto/crypto";
import { mayAsk, type Sample } from "./sample.ts";
import { select } from "./select.ts";

/** A task that has use for idle clients. */
export type Opening =
  /** Between rounds: it begins the next once `clientsMin` of those it may ask are idle, with at most `clientsMax`. */
  | {
      readonly kind: "waiting";
      readonly task: TaskId;
      readonly clientsMin: number;
      readonly clientsMax: number;
      /** Whom it may ask; anybody when null. */
      readonly sample: Sample | null;
    }
  /** Its round is selecting and has room for clients it has not asked yet. */
  | {
      readonly kind: "joining";
      readonly task: TaskId;
      readonly room: number;
      readonly asked: ReadonlyMap<ClientId, unknown>;
      readonly sample: Sample | null;
    };

/** Clients given to a task. */
export interface Assignment {
  readonly kind: Opening["kind"];
  readonly task: TaskId;
  readonly clients: readonly ClientId[];
}

/**
 * Gives idle clients to tasks, in the order of submission. A client takes part in one task at a time, and none is held by a round that
 * cannot begin. A waiting task that could begin if the clients now busy came back is served before any later one, so that small tasks
 * do not starve a large one; one that could not even then holds nobody back.
 */
export function assign(input: {
  /** In the order of submission. */
  readonly openings: readonly Opening[];
  readonly idle: readonly ClientId[];
  /** Clients that are there and take part in some round. */
  readonly busy: readonly ClientId[];
  readonly seed: Seed;
}): readonly Assignment[] {
  const assignments: Assignment[] = [];
  let { idle, busy } = input;
  for (const opening of input.openings) {
    const clients = clientsFor(opening, idle, input.seed);
    if (clients.length > 0) assignments.push({ kind: opening.kind, task: opening.task, clients });
    else if (opening.kind === "waiting" && couldBegin(opening, [...idle, ...busy])) break;
    const taken = new Set(clients);
    idle = idle.filter((client) => !taken.has(client));
    busy = [...busy, ...clients];
  }
  return assignments;
}

function couldBegin({ sample, clientsMin }: Extract<Opening, { kind: "waiting" }>, there: readonly ClientId[]): boolean {
  return there.filter((client) => mayAsk(sample, client)).length >= clientsMin;
}

function clientsFor(opening: Opening, idle: readonly ClientId[], seed: Seed): readonly ClientId[] {
  const candidates = idle.filter((client) => mayAsk(opening.sample, client));
  if (opening.kind === "waiting") {
    return candidates.length < opening.clientsMin ? [] : select({ candidates, count: opening.clientsMax, seed });
  }
  return select({ candidates: candidates.filter((client) => !opening.asked.has(client)), count: opening.room, seed });
}
