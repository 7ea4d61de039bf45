import type { EventKind } from "./event.ts";
import type { Phase } from "./state.ts";

/**
 * What a phase does with an event.
 *
 * - `take`: the message this phase waits for; it is checked and counted.
 * - `late`: a message of an earlier phase: `duplicate` if it had counted, else `stale`.
 * - `early`: a message of a later phase, which no honest client has reason to send: refused as `wrong-phase`.
 * - `presence`: the record of who is there changes, and nothing else.
 * - `join`: the client is asked to take part.
 * - `wait`: only the clock moves; the phase closes if its time has come.
 * - `abandon`: the round ends without a model.
 * - `commit`: the round ends with one.
 * - `over`: the round has ended; a message is answered `stale`.
 * - `ignore`: nothing changes.
 * - `bug`: cannot happen; the step throws.
 */
export type Verdict = "take" | "late" | "early" | "presence" | "join" | "wait" | "abandon" | "commit" | "over" | "ignore" | "bug";

const waiting = {
  invited: "ignore",
  polled: "presence",
  lost: "presence",
  withdrawal: "presence",
  tick: "wait",
  stop: "abandon",
  released: "bug",
  failed: "abandon",
} as const;

/** Every phase and event. `round/SPEC.md` shows it as a page. */
export const transitions: Readonly<Record<Phase, Readonly<Record<EventKind, Verdict>>>> = {
  selecting: {
    ...waiting,
    invited: "join",
    ready: "take",
    advert: "early",
    shares: "early",
    "contribution-arrived": "early",
    attestation: "early",
    reveal: "early",
  },
  keying: {
    ...waiting,
    ready: "late",
    advert: "take",
    shares: "early",
    "contribution-arrived": "early",
    attestation: "early",
    reveal: "early",
  },
  sharing: {
    ...waiting,
    ready: "late",
    advert: "late",
    shares: "take",
    "contribution-arrived": "early",
    attestation: "early",
    reveal: "early",
  },
  collecting: {
    ...waiting,
    ready: "late",
    advert: "late",
    shares: "late",
    "contribution-arrived": "take",
    attestation: "early",
    reveal: "early",
  },
  attesting: {
    ...waiting,
    ready: "late",
    advert: "late",
    shares: "late",
    "contribution-arrived": "late",
    attestation: "take",
    reveal: "early",
  },
  unmasking: {
    ...waiting,
    ready: "late",
    advert: "late",
    shares: "late",
    "contribution-arrived": "late",
    attestation: "late",
    reveal: "take",
  },
  releasing: {
    ...waiting,
    ready: "late",
    advert: "late",
    shares: "late",
    "contribution-arrived": "late",
    attestation: "late",
    reveal: "late",
    tick: "ignore",
    stop: "ignore",
    released: "commit",
  },
  ended: {
    invited: "ignore",
    polled: "ignore",
    lost: "ignore",
    withdrawal: "over",
    ready: "over",
    advert: "over",
    shares: "over",
    "contribution-arrived": "over",
    attestation: "over",
    reveal: "over",
    tick: "ignore",
    stop: "ignore",
    released: "bug",
    failed: "ignore",
  },
};
