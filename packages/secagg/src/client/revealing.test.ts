import { expect, test } from "vitest";
import type { ConsistencySignature } from "../messages.ts";
import { revealRequest } from "../server/revealing.ts";
import {
  attestingStage,
  codeOf,
  collectingStage,
  createFixture,
  keyingStage,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { reveal } from "./revealing.ts";
import { secretsOf } from "./state.ts";

const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.4 } });
const sharing = value(sharingStage(keyingStage(fixture), [0, 1, 2, 3, 4]));
const collecting = value(collectingStage(sharing, [0, 1, 2, 3]));
const attesting = value(attestingStage(collecting, [0, 1, 2]));
const unmasking = value(unmaskingStage(attesting, [0, 1, 2]));
const own = 1;
const { state } = attesting.attestations.get(own)!;
const quorum = revealRequest(unmasking.server);

function refusalOf(signatures: readonly ConsistencySignature[]): string | null {
  return codeOf(reveal(state, signatures));
}

test("with a quorum a client gives its own seed, self shares of survivors, mask shares of who dropped after dealing, and nothing of others", () => {
  const { shares, consumed } = value(reveal(state, quorum));
  expect(shares.map(({ owner, kind }) => [owner, kind])).toEqual([
    [0, "self"],
    [1, "self"],
    [2, "self"],
    [3, "mask"],
  ]);
  expect(shares[1]!.share).toEqual(state.seat.selfSeed);
  expect(shares[3]!.share).toEqual(state.held.find(({ dealer }) => dealer === 3)!.shares.mask);
  expect(consumed).toEqual(secretsOf(state));
});

test("wiping what was consumed leaves what is to be sent", () => {
  const again = structuredClone(state);
  const { shares, consumed } = value(reveal(again, quorum));
  for (const secret of consumed) secret.fill(0);
  expect(shares).toEqual(value(reveal(state, quorum)).shares);
});

test("one signature less than the quorum is refused", () => {
  expect(refusalOf(quorum.slice(1))).toBe("too-few-signatures");
});

test("a quorum that counts a signer twice is refused", () => {
  expect(refusalOf([...quorum.slice(1), quorum[1]!])).toBe("duplicate-signer");
});

test("a signer who is not a survivor is refused", () => {
  expect(refusalOf([...quorum, { ...quorum[0]!, index: 3 }])).toBe("not-a-member");
  expect(refusalOf([...quorum, { ...quorum[0]!, index: 99 }])).toBe("not-a-member");
});

test("signatures over another survivor set, or of another signer, are refused", () => {
  const rival = value(attestingStage(collecting, [0, 1, 2, 3]));
  const signatures = quorum.map(({ index }) => ({ index, signature: rival.attestations.get(index)!.signature }));
  expect(refusalOf(signatures)).toBe("bad-signature");
  expect(refusalOf(quorum.with(0, { index: 0, signature: quorum[1]!.signature }))).toBe("bad-signature");
  expect(refusalOf(quorum.with(0, { index: 0, signature: new Uint8Array(0) }))).toBe("bad-signature");
});
