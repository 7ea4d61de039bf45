import { describe, expect, test } from "vitest";
import { type DoctorFacts, diagnose, doctorJson, doctorText } from "./facts.ts";

const healthy: DoctorFacts = {
  machine: { platform: "linux-x64", processor: "Example CPU", cores: 8, memoryBytes: 2 ** 34, memoryFreeBytes: 2 ** 33 },
  versions: { sotto: "0.1.0", node: "20.20.2" },
  backends: [
    { name: "tfjs-node", kind: "absent", reason: "is not installed" },
    { name: "wasm", kind: "works", version: "4.22.0", samplesPerSecond: 1234.5 },
    { name: "cpu", kind: "works", version: "4.22.0", samplesPerSecond: 10 },
  ],
  port: { host: "127.0.0.1", port: 7443, isFree: true, reason: null },
  clock: { now: "2026-01-01T00:00:00.000Z", driftMs: 0.4, isBeforeInstall: false },
};

describe("what the doctor says", () => {
  test("a machine where one backend works is fit, and the fastest that works is named", () => {
    expect(diagnose(healthy)).toEqual({ problems: [], warnings: [] });
    expect(doctorJson(healthy, diagnose(healthy))).toMatchObject({ ok: true, backend: "wasm" });
    expect(doctorText(healthy, diagnose(healthy)).at(-1)).toBe("Sotto works here");
  });

  test("no backend, an old Node and a clock in the past are problems", () => {
    const ill: DoctorFacts = {
      ...healthy,
      versions: { node: "20.18.3" },
      backends: [{ name: "cpu", kind: "absent", reason: "broken" }],
      clock: { ...healthy.clock, isBeforeInstall: true },
    };
    expect(diagnose(ill).problems).toHaveLength(3);
    expect(doctorJson(ill, diagnose(ill))).toMatchObject({ ok: false, backend: null });
    expect(doctorText(ill, diagnose(ill)).at(-1)).toBe("Sotto does not work here");
  });

  test("a taken port, a slow backend, little memory and a jumping clock are warnings", () => {
    const weak: DoctorFacts = {
      ...healthy,
      machine: { ...healthy.machine, memoryFreeBytes: 1000 },
      backends: healthy.backends.filter(({ name }) => name !== "wasm"),
      port: { ...healthy.port, isFree: false, reason: "EADDRINUSE" },
      clock: { ...healthy.clock, driftMs: 5000 },
    };
    expect(diagnose(weak).problems).toEqual([]);
    expect(diagnose(weak).warnings).toHaveLength(4);
  });

  test.each([
    ["20.19.0", 0],
    ["22.1.0", 0],
    ["24.0.0", 0],
    ["18.20.0", 1],
    ["", 1],
  ])("Node %j has %i problems", (node, problems) => {
    expect(diagnose({ ...healthy, versions: { node } }).problems).toHaveLength(problems);
  });
});
