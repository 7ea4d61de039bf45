import { instant, utf8 } from "@sotto/base";
import { ed25519KeyPair, sha256, sha256Digest } from "@sotto/crypto";
import { signRoster } from "@sotto/identity";
import { expect, test } from "vitest";
import { testFederation, testSelf, testStart } from "../testing/federation.ts";
import { checkRoster, type RosterCheck } from "./roster-guard.ts";

const federation = testFederation(4);
const client = federation.clients[1]!;

function check(change: Partial<RosterCheck> = {}): ReturnType<typeof checkRoster> {
  const bytes = change.bytes ?? federation.rosterBytes;
  return checkRoster({
    bytes,
    digest: sha256Digest(bytes),
    at: instant(testStart),
    identity: testSelf(federation, client),
    seen: null,
    ...change,
  });
}

function roster(change: Parameters<typeof testFederation>[1]): Uint8Array {
  return testFederation(4, change).rosterBytes;
}

test("a roster the authority signed, in force, with this client's key in it, is trusted", () => {
  expect(check()).toMatchObject({ kind: "ok", value: { version: 1, federation: "test" } });
});

test("every flipped byte is refused", () => {
  for (let i = 0; i < federation.rosterBytes.length; i += 7) {
    const bytes = Uint8Array.from(federation.rosterBytes);
    bytes[i]! ^= 1;
    expect(check({ bytes }).kind).toBe("refused");
  }
});

const seen = federation.roster;

test.each<[string, Partial<RosterCheck>]>([
  ["bad-roster-signature", { bytes: signRoster(federation.roster, sha256(utf8("another authority"))) }],
  ["bad-roster", { bytes: new Uint8Array(10) }],
  ["digest-mismatch", { digest: sha256Digest(utf8("another roster")) }],
  ["roster-expired", { at: instant(testStart + 366 * 86_400_000) }],
  ["roster-rollback", { seen: { ...seen, version: 2 } }],
  ["roster-rollback", { seen: { ...seen, digest: sha256Digest(utf8("a fork")) } }],
  ["not-enrolled", { bytes: roster({ clients: [] }) }],
  ["not-enrolled", { identity: { ...testSelf(federation, client), verificationKey: ed25519KeyPair(sha256(utf8("x"))).publicKey } }],
])("a roster is refused as %s: case %#", (code, change) => {
  expect(check(change)).toMatchObject({ kind: "refused", refusal: { code } });
});
