import { membersOf } from "@sotto/base";
import { expect, test } from "vitest";
import type { AttestRequest } from "../messages.ts";
import { attestRequestFor } from "../server/attesting.ts";
import { attestingStage, codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { attest } from "./attesting.ts";
import { secretsOf } from "./state.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3]));
const attesting = value(attestingStage(collecting, [0, 1, 2, 3]));
const own = 1;
const state = collecting.submissions.get(own)!.state;
const request = attestRequestFor(attesting.server, own);

function refusalOf(changes: Partial<AttestRequest>): string | null {
  return codeOf(attest(state, { ...request, ...changes }));
}

test("an honest survivor set is signed", () => {
  expect(value(attest(state, request)).signature).toEqual(attesting.attestations.get(own)!.signature);
});

test("a survivor who is not a dealer, or a set over another cohort, is refused", () => {
  expect(refusalOf({ survivors: membersOf(5, [0, 1, 2, 4]) })).toBe("survivor-not-dealer");
  expect(refusalOf({ survivors: membersOf(6, [0, 1, 2]) })).toBe("survivor-not-dealer");
});

test("survivors without the client itself are refused", () => {
  expect(refusalOf({ survivors: membersOf(5, [0, 2, 3]) })).toBe("self-missing");
});

test("too few survivors are refused", () => {
  expect(refusalOf({ survivors: membersOf(5, [0, 1]) })).toBe("too-few-survivors");
});

test("another survivor set, or another set of dealers, gets another signature", () => {
  const signature = value(attest(state, request)).signature;
  expect(value(attest(state, { survivors: membersOf(5, [0, 1, 2]) })).signature).not.toEqual(signature);
  const everybody = value(collectingStage(sharing, [0, 1, 2, 3, 4])).submissions.get(own)!.state;
  expect(value(attest(everybody, request)).signature).not.toEqual(signature);
});

test("attesting keeps what is needed to reveal, and changes nothing it was given", () => {
  const before = structuredClone({ held: state.held, neighbours: state.neighbours });
  const next = value(attest(state, request)).state;
  expect(next.held).toEqual(before.held);
  expect(next.neighbours).toEqual(before.neighbours);
  expect({ held: state.held, neighbours: state.neighbours }).toEqual(before);
  expect(secretsOf(next)).toEqual(secretsOf(state));
});
