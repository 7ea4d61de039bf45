import { digestFromBytes } from "@sotto/base";
import type { Position, UploadDeclaration } from "@sotto/protocol";
import { expect, test } from "vitest";
import { answersTo, expectCommitted, phaseMs, playRound, type RoundOutcome } from "./coordinated-round.ts";
import { hospitals, victim as liar } from "./hospitals.ts";
import { cases } from "./promise.ts";
import { held, type Misdeeds, type Puppet } from "./puppet.ts";
import { type Order, without } from "./relayed.ts";
import type { Upload } from "./session.ts";

// S2 of SECAGG 2.8, from the coordinator's side: contributions that do not count, and never reach the sum.

const others = without(hospitals, liar);

function playUpload(mask: Misdeeds["mask"] & object, late?: "upload"): Promise<RoundOutcome> {
  return playRound({ misdeeds: new Map([[liar, { mask }]]), ...(late === undefined ? {} : { late }) });
}

function declared(upload: Upload, change: Partial<UploadDeclaration>): Upload {
  return { ...upload, declaration: { ...upload.declaration, ...change } };
}

function ofSize(upload: Upload, sizeBytes: number): Upload {
  const bytes = new Uint8Array(sizeBytes);
  bytes.set(upload.bytes.subarray(0, sizeBytes));
  return { ...upload, bytes };
}

/** Some bytes with a header that nobody signed. */
function unsigned(position: Position): Upload {
  const [digest, signature] = [new Uint8Array(32), new Uint8Array(64)];
  const header = { contributionDigest: digestFromBytes(digest), complaints: [], heldRoot: digest, signature };
  return { declaration: { position, header, sizeBytes: 8 }, bytes: new Uint8Array(8) };
}

const wrong: Readonly<Record<string, readonly [(upload: Upload, puppet: Puppet) => Upload, string]>> = {
  "whose bytes are not those its header names": [
    (upload) => ({ ...upload, bytes: upload.bytes.map((byte) => byte ^ 1) }),
    "digest-mismatch",
  ],
  "that is a byte too short": [(upload, puppet) => puppet.headed(upload.declaration.position, upload.bytes.slice(1)), "wrong-lane-width"],
  "that is declared longer than any contribution of the session": [
    (upload) => declared(upload, { sizeBytes: 2 ** 31 }),
    "wrong-lane-width",
  ],
  "that ends before its declared length": [(upload) => ofSize(upload, upload.bytes.length - 1), "incomplete-upload"],
  "that goes on after its declared length": [(upload) => ofSize(upload, upload.bytes.length + 1), "incomplete-upload"],
  "whose header it did not sign": [
    (upload) => declared(upload, { header: { ...upload.declaration.header, signature: new Uint8Array(64) } }),
    "bad-signature",
  ],
  "whose header names other bytes than it signed": [
    (upload) => declared(upload, { header: { ...upload.declaration.header, contributionDigest: digestFromBytes(new Uint8Array(32)) } }),
    "bad-signature",
  ],
  "whose header complains of its sender": [
    (upload) => declared(upload, { header: { ...upload.declaration.header, complaints: [hospitals.indexOf(liar)] } }),
    "malformed",
  ],
  "whose header names shares that its sender was not dealt": [
    (upload, puppet) => puppet.headed(upload.declaration.position, upload.bytes, { ...held(puppet.submitting), leaves: [] }),
    "held-mismatch",
  ],
};

test.each(cases(wrong))("a contribution %s is refused, and the sum is the others': %s", async (_, code, change) => {
  const outcome = await playUpload(async (puppet, order) => {
    await puppet.upload(change(puppet.contribution(order), puppet));
  });
  expect(answersTo(outcome, liar)).toEqual(["accepted", "accepted", "accepted", code]);
  expect(outcome.convictions).toEqual([]);
  expectCommitted(outcome, others);
});

test("of a contribution whose declaration is refused not a byte is taken", async () => {
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    taken++;
    yield new Uint8Array(1);
  }
  await playUpload(async (puppet, order) => {
    await puppet.upload(declared(puppet.contribution(order), { sizeBytes: 2 ** 31 }), counted());
  });
  expect(taken).toBe(0);
});

test("a contribution that comes twice counts once: duplicate", async () => {
  const outcome = await playUpload(async (puppet, order) => {
    const upload = puppet.contribution(order);
    for (const _ of [1, 2]) await puppet.upload(upload);
  }, "upload");
  expect(answersTo(outcome, liar).slice(3, 5)).toEqual(["accepted", "duplicate"]);
  expectCommitted(outcome, hospitals);
});

test("a second contribution with another header is refused and convicts, and the first counts: conflicting-message", async () => {
  const outcome = await playUpload(async (puppet, order) => {
    const first = puppet.contribution(order);
    const second = puppet.headed(
      order.position,
      first.bytes.map((byte) => byte ^ 1),
    );
    for (const upload of [first, second]) await puppet.upload(upload);
  }, "upload");
  expect(answersTo(outcome, liar).slice(3, 5)).toEqual(["accepted", "conflicting-message"]);
  expect(outcome.convictions).toEqual([[liar, "equivocation"]]);
  expectCommitted(outcome, hospitals);
});

test("a contribution that comes after the deadline is never added: stale", async () => {
  const outcome = await playUpload(async (puppet, order) => {
    const upload = puppet.contribution(order);
    await puppet.wait(phaseMs + 1_000);
    await puppet.upload(upload);
  });
  expect(answersTo(outcome, liar)).toEqual(["accepted", "accepted", "accepted", "stale"]);
  expectCommitted(outcome, others);
});

test("a contribution that comes before its phase is not taken: wrong-phase", async () => {
  const share = async (puppet: Puppet, order: Order<"share-keys">): Promise<void> => {
    await puppet.upload(unsigned(order.position));
    await puppet.act(order);
  };
  const outcome = await playRound({ misdeeds: new Map([[liar, { "share-keys": share }]]), late: "shares" });
  expect(answersTo(outcome, liar)[2]).toBe("wrong-phase");
  expectCommitted(outcome, hospitals);
});

test("a contribution of somebody who dealt no shares is refused: not-in-cohort", async () => {
  const share = async (puppet: Puppet, order: Order<"share-keys">): Promise<void> => {
    await puppet.wait(phaseMs + 500);
    await puppet.upload(unsigned(order.position));
  };
  const outcome = await playRound({ misdeeds: new Map([[liar, { "share-keys": share }]]), late: "upload" });
  expect(answersTo(outcome, liar)).toEqual(["accepted", "accepted", "not-in-cohort"]);
  expectCommitted(outcome, others);
});
