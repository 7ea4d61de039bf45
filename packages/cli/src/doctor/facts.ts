import type { Json } from "@sotto/schema";

/** What `sotto doctor` sees. */
export interface DoctorFacts {
  readonly machine: MachineFacts;
  /** Version by name: Sotto, Node and the libraries that matter. */
  readonly versions: Readonly<Record<string, string>>;
  /** Fastest first. */
  readonly backends: readonly BackendFacts[];
  readonly port: PortFacts;
  readonly clock: ClockFacts;
}

/** The machine itself. */
export interface MachineFacts {
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly memoryFreeBytes: number;
}

/** One way to compute tensors: how fast it trains a small model, or why it does not. */
export type BackendFacts =
  | { readonly name: string; readonly kind: "works"; readonly version: string; readonly samplesPerSecond: number }
  | { readonly name: string; readonly kind: "absent"; readonly reason: string };

/** Whether a coordinator could listen. `reason` is the system's code when it could not. */
export interface PortFacts {
  readonly host: string;
  readonly port: number;
  readonly isFree: boolean;
  readonly reason: string | null;
}

/** What is seen of the clock without a network. */
export interface ClockFacts {
  /** ISO 8601, UTC. */
  readonly now: string;
  /** How far wall and monotonic time drifted apart while the doctor looked. */
  readonly driftMs: number;
  /** Whether the clock is before the time this program was installed. */
  readonly isBeforeInstall: boolean;
}

/** Least memory to be free for a coordinator or client of a small model. */
const memoryFreeMinBytes = 256 * 1024 ** 2;
const driftMaxMs = 1000;

/** What keeps Sotto from working, or from working well, one sentence each. */
export interface Diagnosis {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What the facts mean. */
export function diagnose({ machine, versions, backends, port, clock }: DoctorFacts): Diagnosis {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (!isNodeNewEnough(versions["node"] ?? "")) problems.push(`Node ${versions["node"]} is older than 20.19`);
  const best = backends.find((backend) => backend.kind === "works");
  if (best === undefined) problems.push("no backend works: nothing can be trained here");
  else if (best.name === "cpu") warnings.push("only plain JavaScript works: training is some 200 times slower than with wasm");
  if (!port.isFree) warnings.push(`port ${port.port} on ${port.host} is not free (${port.reason}): a coordinator here needs another`);
  if (clock.isBeforeInstall) problems.push(`the clock says ${clock.now}, before this program was installed: certificates will not hold`);
  if (clock.driftMs > driftMaxMs)
    warnings.push(`the clock moved by ${Math.round(clock.driftMs)} ms while the doctor looked: deadlines will be missed`);
  if (machine.memoryFreeBytes < memoryFreeMinBytes) warnings.push(`only ${mebibytes(machine.memoryFreeBytes)} MiB of memory are free`);
  return { problems, warnings };
}

/** Facts and diagnosis for people, a line each. */
export function doctorText(facts: DoctorFacts, { problems, warnings }: Diagnosis): readonly string[] {
  const { machine, versions, backends, port, clock } = facts;
  const row = (name: string, value: string): string => `${name.padEnd(10)}${value}`;
  return [
    row("machine", `${machine.platform}, ${machine.cores} × ${machine.processor}`),
    row("memory", `${mebibytes(machine.memoryFreeBytes)} of ${mebibytes(machine.memoryBytes)} MiB free`),
    ...Object.entries(versions).map(([name, version], i) => row(i === 0 ? "versions" : "", `${name} ${version}`)),
    ...backends.map((backend, i) => row(i === 0 ? "backends" : "", backendText(backend))),
    row("port", `${port.host}:${port.port} ${port.isFree ? "is free" : `is not free (${port.reason})`}`),
    row("clock", clock.now),
    ...problems.map((problem) => row("problem", problem)),
    ...warnings.map((warning) => row("warning", warning)),
    problems.length === 0 ? "Sotto works here" : "Sotto does not work here",
  ];
}

/** Facts and diagnosis for programs. */
export function doctorJson({ machine, versions, backends, port, clock }: DoctorFacts, { problems, warnings }: Diagnosis): Json {
  return {
    ok: problems.length === 0,
    problems,
    warnings,
    machine: { ...machine },
    versions,
    backends: backends.map((backend) => ({ ...backend })),
    backend: backends.find((backend) => backend.kind === "works")?.name ?? null,
    port: { ...port },
    clock: { ...clock },
  };
}

function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

function backendText(backend: BackendFacts): string {
  if (backend.kind === "absent") return `${backend.name}: does not work: ${backend.reason}`;
  return `${backend.name} ${backend.version}: ${Math.round(backend.samplesPerSecond)} samples/s`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
