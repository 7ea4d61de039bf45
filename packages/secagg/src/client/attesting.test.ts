import { membersOf } from "@sotto/base";
import { expect, test } from "vitest";
import type { AttestRequest, MaskedHeader } from "../messages.ts";
import { attestRequestFor } from "../server/attesting.ts";
import { attestingStage, codeOf, collectingStage, createFixture, keyingStage, sharingStage, value } from "../session-fixture.ts";
import { attest } from "./attesting.ts";

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

/** The request with the header of survivor 2 changed. */
function withHeader(changes: Partial<MaskedHeader>): Partial<AttestRequest> {
  return { headers: request.headers.map(({ index, header }) => ({ index, header: index === 2 ? { ...header, ...changes } : header })) };
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

test("a survivor's missing header is refused", () => {
  expect(refusalOf({ headers: request.headers.slice(1) })).toBe("missing-header");
});

test("a survivor that was shown other dealers is refused: its masks would not cancel with the others'", () => {
  const everybody = value(collectingStage(sharing, [0, 1, 2, 3, 4]));
  expect(refusalOf(withHeader(everybody.submissions.get(2)!.header))).toBe("bad-signature");
});

test("whatever the coordinator alters of a header breaks its signature", () => {
  const other = request.headers.find(({ index }) => index === 3)!.header;
  expect(refusalOf(withHeader({ contributionDigest: other.contributionDigest }))).toBe("bad-signature");
  expect(refusalOf(withHeader({ complaints: [0] }))).toBe("bad-signature");
  expect(refusalOf(withHeader(other))).toBe("bad-signature");
});

test("complaints that are not cohort indices in order are refused", () => {
  for (const complaints of [[3, 0], [0, 0], [5], [-1], [0.5]]) expect(refusalOf(withHeader({ complaints }))).toBe("malformed");
});
