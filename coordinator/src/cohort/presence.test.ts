import { instant, parseClientId } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  callBegan,
  callEnded,
  forgetClient,
  isThere,
  lostClients,
  nextLossAt,
  nobody,
  type Presence,
  presenceWindowMs,
  silenceWindowMs,
} from "./presence.ts";

const client = parseClientId("ward-1");
const other = parseClientId("ward-2");
const at = instant(1_000_000);
const windowEnd = instant(at + presenceWindowMs);

test("a client is there while a call of it is open, and a presence window after one was answered", () => {
  const polling = callBegan(nobody, client, at);
  expect(isThere(polling, client, instant(at + 1e9))).toBe(true);
  const answered = callEnded(polling, client, { at, cut: false });
  expect(isThere(answered, client, instant(windowEnd - 1))).toBe(true);
  expect(isThere(answered, client, windowEnd)).toBe(false);
});

test("a client that is silent with no call open is lost after the silence window: it was killed between two calls", () => {
  const answered = callEnded(callBegan(nobody, client, at), client, { at, cut: false });
  const silentAt = instant(at + silenceWindowMs);
  expect(nextLossAt(answered)).toBe(silentAt);
  expect(lostClients(answered, instant(silentAt - 1))).toEqual([]);
  expect(lostClients(answered, silentAt)).toEqual([client]);
});

test("a client with a call open is never lost", () => {
  const polling = callBegan(nobody, client, at);
  expect(nextLossAt(polling)).toBeNull();
  expect(lostClients(polling, instant(at + 1e9))).toEqual([]);
});

test("a client whose connection was cut is not there, and lost after the presence window", () => {
  const cut = callEnded(callBegan(nobody, client, at), client, { at, cut: true });
  expect(isThere(cut, client, at)).toBe(false);
  expect(lostClients(cut, instant(windowEnd - 1))).toEqual([]);
  expect(nextLossAt(cut)).toBe(windowEnd);
  expect(lostClients(cut, windowEnd)).toEqual([client]);
  expect(nextLossAt(forgetClient(cut, client))).toBeNull();
});

test("a client that calls again is not lost", () => {
  const cut = callEnded(callBegan(nobody, client, at), client, { at, cut: true });
  expect(nextLossAt(callBegan(cut, client, instant(at + 1)))).toBeNull();
});

test("one of two open calls being cut does not make a client gone", () => {
  const two = callBegan(callBegan(nobody, client, at), client, at);
  expect(isThere(callEnded(two, client, { at, cut: true }), client, at)).toBe(true);
});

test("the next to be lost is the one that was cut first", () => {
  const both = [client, other].reduce<Presence>(
    (presence, who, i) => callEnded(callBegan(presence, who, at), who, { at: instant(at + i), cut: true }),
    nobody,
  );
  expect(nextLossAt(both)).toBe(windowEnd);
  expect(lostClients(both, instant(windowEnd + 1))).toEqual([client, other]);
});

test("nobody is there and lost at once, and no record is changed, whatever happens", () => {
  const happening = fc.record({ isBegin: fc.boolean(), cut: fc.boolean(), afterMs: fc.integer({ min: 0, max: 5_000 }) });
  fc.assert(
    fc.property(fc.array(happening), (happenings) => {
      let presence = nobody;
      let now = at;
      for (const { isBegin, cut, afterMs } of happenings) {
        now = instant(now + afterMs);
        const before = JSON.stringify([...presence]);
        const next: Presence = isBegin ? callBegan(presence, client, now) : callEnded(presence, client, { at: now, cut });
        expect(JSON.stringify([...presence])).toBe(before);
        presence = next;
        const isLost = lostClients(presence, instant(now + presenceWindowMs)).includes(client);
        expect(isLost && isThere(presence, client, now)).toBe(false);
      }
    }),
  );
});
