import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instant } from "@sotto/base";
import { seededRng } from "@sotto/crypto";
import { createFederation, decodeKey, parseRoster } from "@sotto/identity";
import { afterAll, describe, expect, test } from "vitest";
import { parseFederationRequest } from "./config.ts";
import { federationFileNames, writeFederation } from "./files.ts";

const root = mkdtempSync(join(tmpdir(), "sotto-federation-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const at = { file: "federation.yaml", now: instant(Date.UTC(2026, 0, 1)), rng: seededRng(new Uint8Array(32)) };
const text = "federation: alps\ncoordinatorNames: [localhost, 127.0.0.1]\nclients: [basel, bern, zurich]\noperators: [ada]\n";

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("a federation's files", () => {
  test("secrets are for their owner alone, and each party's folder holds no other party's", async () => {
    const files = await createFederation(parseFederationRequest(text, at));
    const folder = join(root, "alps");
    const folders = writeFederation(files, folder);
    for (const path of filesBelow(folder)) {
      const isSecret = /-----BEGIN .*PRIVATE|secret-key/.test(readFileSync(path, "utf8"));
      expect([path, (statSync(path).mode & 0o777).toString(8)]).toEqual([path, isSecret ? "600" : "644"]);
    }
    const basel = folders.clients.get(files.clients.keys().next().value!)!;
    expect(readdirSync(basel).sort()).toEqual([
      "authority-public.key",
      "certificate.pem",
      "identity.key",
      "private-key.pem",
      "tls-root.pem",
    ]);
    expect(filesBelow(folders.coordinator).some((path) => /secret|identity/.test(path))).toBe(false);
  });

  test("what was written is read back as the federation", async () => {
    const folders = writeFederation(await createFederation(parseFederationRequest(text, at)), join(root, "again"));
    const authority = decodeKey(
      "authority-public-key",
      readFileSync(join(folders.coordinator, federationFileNames.authorityPublicKey), "utf8"),
    );
    const roster = parseRoster(readFileSync(join(folders.coordinator, federationFileNames.roster)), authority);
    expect(roster.kind === "ok" && roster.value.clients.map(({ id }) => id)).toEqual(["basel", "bern", "zurich"]);
  });

  test("a folder that holds anything is left alone", async () => {
    const files = await createFederation(parseFederationRequest(text, at));
    const folder = join(root, "twice");
    writeFederation(files, folder);
    expect(() => writeFederation(files, folder)).toThrow(expect.objectContaining({ code: "already-exists" }));
  });

  test("mistakes in the configuration are named together", () => {
    expect(() => parseFederationRequest("federation: Alps!\nclients: [a, b]\noperators: []\n", at)).toThrow(
      /federation[\s\S]*coordinatorNames[\s\S]*clients[\s\S]*operators/,
    );
  });
});
