import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readOperatorConfig } from "./operator-config.ts";

const root = mkdtempSync(join(tmpdir(), "sotto-operator-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, "keys"));
for (const name of ["root", "certificate", "key"]) writeFileSync(join(root, "keys", name), `text of ${name}`);

function configOf(text: string): string {
  const file = join(root, "operator.yaml");
  writeFileSync(file, text);
  return file;
}

describe("an operator's configuration", () => {
  test("paths are relative to the file", () => {
    const file = configOf(
      "coordinator: localhost:7443\ntls: { rootCertificate: keys/root, certificate: keys/certificate, privateKey: keys/key }\n",
    );
    expect(readOperatorConfig(file)).toEqual({
      coordinator: "localhost:7443",
      tls: { rootCertificate: "text of root", certificate: "text of certificate", privateKey: "text of key" },
    });
  });

  test("every mistake is named at once", () => {
    const file = configOf("coordinator: localhost\ntls: { certificate: keys/certificate, privateKey: keys/key }\nport: 1\n");
    expect(() => readOperatorConfig(file)).toThrow(/coordinator: must be host:port[\s\S]*tls\.rootCertificate[\s\S]*port/);
  });

  test("a file that is not there is named", () => {
    expect(() => readOperatorConfig(join(root, "absent.yaml"))).toThrow(/absent\.yaml cannot be read/);
    const file = configOf(
      "coordinator: localhost:7443\ntls: { rootCertificate: keys/gone, certificate: keys/certificate, privateKey: keys/key }\n",
    );
    expect(() => readOperatorConfig(file)).toThrow(expect.objectContaining({ code: "not-found" }));
  });
});
