import { after, type ClientId, type Instant } from "@sotto/base";

/** How long a client whose connection went may stay silent before it is lost. */
export const presenceWindowMs = 3_000;

/** How long a client with no call open may stay silent before it is lost, though nothing says that its connection went: it was killed between two calls. */
export const silenceWindowMs = 5_000;

/** What is known of one client's connection. */
export interface Trace {
  /** Its calls in progress: long polls and transfers. */
  readonly openCalls: number;
  readonly lastCallAt: Instant;
  /** When its connection went; null while nothing says so. */
  readonly goneAt: Instant | null;
}

/** Who has been heard of, and when. Never mutated. */
export type Presence = ReadonlyMap<ClientId, Trace>;

/** Nobody. */
export const nobody: Presence = new Map();

/** A call of the client began. */
export function callBegan(presence: Presence, client: ClientId, at: Instant): Presence {
  const openCalls = (presence.get(client)?.openCalls ?? 0) + 1;
  return new Map(presence).set(client, { openCalls, lastCallAt: at, goneAt: null });
}

/** A call of the client ended; `cut` when its connection went before the answer. */
export function callEnded(presence: Presence, client: ClientId, end: { readonly at: Instant; readonly cut: boolean }): Presence {
  const openCalls = Math.max(0, (presence.get(client)?.openCalls ?? 0) - 1);
  return new Map(presence).set(client, { openCalls, lastCallAt: end.at, goneAt: end.cut && openCalls === 0 ? end.at : null });
}

/** Whether the client can be asked to take part: a call of it is open, or the last was answered just now. */
export function isThere(presence: Presence, client: ClientId, at: Instant): boolean {
  const trace = presence.get(client);
  if (trace === undefined || trace.goneAt !== null) return false;
  return trace.openCalls > 0 || at < after(trace.lastCallAt, presenceWindowMs);
}

/** The clients that can be asked to take part, sorted. */
export function clientsThere(presence: Presence, at: Instant): readonly ClientId[] {
  return [...presence.keys()].filter((client) => isThere(presence, client, at)).sort();
}

/** The clients that have no call open and have been silent for too long, sorted. */
export function lostClients(presence: Presence, at: Instant): readonly ClientId[] {
  return [...presence]
    .filter(([, trace]) => {
      const lostAt = lossAt(trace);
      return lostAt !== null && at >= lostAt;
    })
    .map(([client]) => client)
    .sort();
}

/** When the next client is lost unless it calls; null when none is about to be. */
export function nextLossAt(presence: Presence): Instant | null {
  let next: Instant | null = null;
  for (const trace of presence.values()) {
    const lostAt = lossAt(trace);
    if (lostAt !== null && (next === null || lostAt < next)) next = lostAt;
  }
  return next;
}

function lossAt({ openCalls, lastCallAt, goneAt }: Trace): Instant | null {
  if (openCalls > 0) return null;
  return goneAt === null ? after(lastCallAt, silenceWindowMs) : after(goneAt, presenceWindowMs);
}

/** The record without a client: it is lost, and unknown until it calls again. */
export function forgetClient(presence: Presence, client: ClientId): Presence {
  const rest = new Map(presence);
  rest.delete(client);
  return rest;
}
