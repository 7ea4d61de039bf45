import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import {
  type Clock,
  instant,
  parseClientId,
  parseDigest,
  parseFederationId,
  parseRoundNumber,
  parseSessionNumber,
  VirtualClock,
} from "@sotto/base";
import { seededRng, sha256Digest } from "@sotto/crypto";
import { createFederation, decodeKey } from "@sotto/identity";
import { type EvidenceFile, encodeEvidenceFile } from "@sotto/protocol";
import { evidenceOf, type Lie } from "@sotto/protocol/contract";
import { afterAll, describe, expect, test } from "vitest";
import { runProgram } from "../program.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-evidence-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const created = instant(Date.UTC(2026, 0, 1));
const [federation, otherFederation] = await Promise.all([1, 2].map(createAlps));
const clients = [...federation!.clients].map(([id, { identityKey }]) => ({ id, secretKey: decodeKey("identity-secret-key", identityKey) }));
const context: EvidenceFile["context"] = {
  federation: parseFederationId("alps"),
  rosterDigest: sha256Digest(federation!.roster),
  planDigest: parseDigest("01".repeat(32)),
  modelDigest: parseDigest("02".repeat(32)),
  round: parseRoundNumber(7),
  session: parseSessionNumber(0),
};

const roster = write("roster.signed", federation!.roster);
const authorityKey = write("authority-public.key", federation!.authorityPublicKey);

function createAlps(seed: number) {
  const clientIds = ["basel", "bern", "geneva", "zurich"].map(parseClientId);
  const rng = seededRng(new Uint8Array(32).fill(seed));
  return createFederation({
    federation: parseFederationId("alps"),
    coordinatorNames: ["localhost"],
    clients: clientIds,
    operators: [],
    validDays: 30,
    now: created,
    rng,
  });
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function evidenceFile(lie: Lie, change: (file: EvidenceFile) => EvidenceFile = (file) => file): string {
  const file = change({ version: 1, context, evidence: evidenceOf[lie]({ context, clients }) });
  return write(`${lie}.json`, encodeEvidenceFile(file));
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function verify(file: string, { args = [], at = 0 }: { readonly args?: readonly string[]; readonly at?: number } = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const clock: Clock = new VirtualClock(instant(created + at));
  const code = await runProgram(["evidence", "verify", file, "--roster", roster, "--authority-key", authorityKey, ...args], {
    program: "unused",
    stdin: new PassThrough(),
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    environment: {},
    clock,
    signal: new AbortController().signal,
  });
  return { code, out: out.join(""), err: err.join("") };
}

describe("sotto evidence verify", () => {
  test.each<[Lie, string]>([
    ["two-adverts", "signed two different pairs of session keys, of which a client signs one a session"],
    ["two-bundles", "signed two different sets of dealt shares, of which a client signs one a session"],
    ["two-headers", "signed two different masked contributions, of which a client signs one a session"],
    ["two-reveals", "signed two different sets of revealed shares, of which a client signs one a session"],
    ["false-seed", "revealed another self seed than the one it had committed to"],
    ["false-share", "revealed another share than the one that it had signed to hold of client basel"],
    ["another-key", "dealt shares that do not make the mask key it had committed to"],
  ])("says who lied, where and how: %s", async (lie, words) => {
    const { code, out, err } = await verify(evidenceFile(lie));
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      `client zurich lied in round 7 of federation alps: it ${words}`,
      `  session 0, plan ${"01".repeat(32)}`,
      "  its own signatures say so: whoever has roster 1 can check it",
      "",
    ]);
  });

  test("a roster that has expired still serves, and that is said", async () => {
    const file = evidenceFile("false-share");
    const at = 31 * 24 * 3600 * 1000;
    expect((await verify(file, { at })).out).toContain("roster 1 has expired since, which takes nothing from what was signed under it");
    const { code, out } = await verify(file, { at, args: ["--json"] });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      convicted: {
        client: "zurich",
        kind: "false-share",
        lie: "revealed another share than the one that it had signed to hold of client basel",
        federation: "alps",
        round: 7,
        session: 0,
        planDigest: "01".repeat(32),
        rosterVersion: 1,
        isRosterExpired: true,
      },
    });
  });

  test("evidence that is forged, proves nothing or is of another session convicts nobody, with a code of its own", async () => {
    const elsewhere = evidenceFile("false-share", (file) => ({ ...file, context: { ...context, round: parseRoundNumber(8) } }));
    expect(await verify(elsewhere)).toEqual({
      code: 31,
      out: "nobody is convicted: the evidence is not of round 8, session 0 as the file says\n",
      err: "",
    });
    const blamed = evidenceFile("false-share", (file) => ({ ...file, evidence: { ...file.evidence, accused: parseClientId("bern") } }));
    const { code, out } = await verify(blamed, { args: ["--json"] });
    expect(code).toBe(31);
    expect(JSON.parse(out)).toMatchObject({ convicted: null, refusal: { code: "bad-signature" } });
  });

  test("evidence of a session under another roster convicts nobody, and says which roster would do", async () => {
    const file = evidenceFile("two-bundles");
    const other = { roster: write("other.signed", otherFederation!.roster), key: write("other.key", otherFederation!.authorityPublicKey) };
    const { code, out } = await verify(file, { args: ["--roster", other.roster, "--authority-key", other.key] });
    expect(code).toBe(31);
    expect(out).toContain(`the session was under the roster with digest ${context.rosterDigest}`);
  });

  test("what cannot be read is bad input: no evidence, no roster of this authority, no key, no file", async () => {
    const file = evidenceFile("two-bundles");
    const wrongKey = write("wrong.key", otherFederation!.authorityPublicKey);
    const text = write("text.json", "not evidence");
    expect(await verify(text)).toMatchObject({ code: 20, out: "", err: "sotto: evidence of 12 bytes is not JSON\n" });
    const unsigned = await verify(file, { args: ["--authority-key", wrongKey] });
    expect([unsigned.code, unsigned.err]).toEqual([20, `sotto: ${roster}: roster is not signed by this federation's authority\n`]);
    expect((await verify(file, { args: ["--authority-key", roster] })).code).toBe(20);
    expect((await verify(join(folder, "absent.json"))).code).toBe(21);
  });

  test("without a roster or a key it is a mistake of usage", async () => {
    expect((await verify(evidenceFile("two-bundles"), { args: ["--roster"] })).code).toBe(2);
  });
});
