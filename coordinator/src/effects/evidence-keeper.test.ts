import { FlError, type LogFields, type Logger, parseRoundNumber, parseSessionNumber, parseTaskId, utf8 } from "@sotto/base";
import { ed25519KeyPair, sha256 } from "@sotto/crypto";
import { parseRoster, type Roster } from "@sotto/identity";
import { checkEvidenceFile, parseEvidenceFile } from "@sotto/protocol";
import { evidenceOf, type Lie } from "@sotto/protocol/contract";
import type { SessionContext } from "@sotto/secagg";
import { assert, expect, test } from "vitest";
import type { RoundEffect } from "../round/effect.ts";
import { tinyDigest, tinyFederation } from "../testing/tiny-task.ts";
import { EvidenceKeeper } from "./evidence-keeper.ts";
import { type EvidenceStore, perClientMax } from "./evidence-store.ts";
import { type MemoryEvidence, memoryEvidence } from "./memory-evidence.ts";

const federation = tinyFederation(4);
const task = parseTaskId("heart.1");
const clients = federation.clients.map((id) => ({ id, secretKey: ed25519KeyPair(sha256(utf8(id))).secretKey }));

function rosterOf(): Roster {
  const roster = parseRoster(federation.rosterBytes, federation.authorityPublicKey);
  assert(roster.kind === "ok", "the tiny federation has a roster");
  return roster.value;
}

function conviction(lie: Lie, round = 1): Extract<RoundEffect, { kind: "keep-evidence" }> {
  const context: SessionContext = {
    federation: federation.federation,
    rosterDigest: rosterOf().digest,
    planDigest: tinyDigest("plan"),
    modelDigest: tinyDigest("model"),
    round: parseRoundNumber(round),
    session: parseSessionNumber(0),
  };
  return { kind: "keep-evidence", context, evidence: evidenceOf[lie]({ context, clients }) };
}

function keeperOn<Store extends EvidenceStore>(evidence: Store) {
  const lines: [string, string, LogFields | undefined][] = [];
  const silent = (): void => undefined;
  const logger: Logger = {
    trace: silent,
    debug: silent,
    info: silent,
    warn: (message, fields) => lines.push(["warn", message, fields]),
    error: (message, fields) => lines.push(["error", message, fields]),
    child: () => logger,
  };
  return { keeper: new EvidenceKeeper({ evidence, logger }), lines, evidence };
}

test.each(Object.keys(evidenceOf) as Lie[])(
  "what convicts a client of %s is a file that holds against the roster, and the log says where",
  async (lie) => {
    const { keeper, lines, evidence } = keeperOn(memoryEvidence());
    const effect = conviction(lie);
    await keeper.keep(task, effect);
    const { kind } = effect.evidence;
    const name = `heart.1-1-ward-3-${kind}.json`;
    expect([...evidence.files.keys()]).toEqual([name]);
    const file = parseEvidenceFile(evidence.files.get(name)!);
    expect(checkEvidenceFile(file, { roster: rosterOf() })).toEqual({ kind: "ok", value: "ward-3" });
    expect(lines).toEqual([["warn", "a client is convicted by evidence", { task, round: 1, client: "ward-3", kind, file: name }]]);
  },
);

test("of one client no more is kept than its share, so that it cannot fill the store", async () => {
  const { keeper, lines, evidence }: { keeper: EvidenceKeeper; lines: readonly unknown[]; evidence: MemoryEvidence } = keeperOn(
    memoryEvidence(),
  );
  const effect = conviction("two-adverts");
  for (let round = 1; round <= perClientMax + 5; round++) {
    await keeper.keep(task, { ...effect, context: { ...effect.context, round: parseRoundNumber(round) } });
  }
  expect([evidence.files.size, lines.length]).toEqual([perClientMax, perClientMax]);
});

test("a store that is full or fails is said so, and the round goes on", async () => {
  const full = keeperOn({ keep: async () => null });
  await full.keeper.keep(task, conviction("two-adverts"));
  expect(full.lines).toMatchObject([["warn", "a client is convicted, and there is no room for the evidence", { client: "ward-3" }]]);
  const failing = keeperOn({ keep: () => Promise.reject(new FlError("resource-exhausted", "cannot keep it: ENOSPC")) });
  await failing.keeper.keep(task, conviction("two-adverts"));
  expect(failing.lines).toMatchObject([["error", "evidence could not be kept", { client: "ward-3", message: "cannot keep it: ENOSPC" }]]);
});
