import { cpus, totalmem } from "node:os";
import type { Figure } from "./figure.ts";
import { benchmarkHeartDisease } from "./heart-disease.ts";
import { benchmarkRound } from "./round.ts";
import { benchmarkSecagg } from "./secagg.ts";

/** Every benchmark by the name it is called with. */
const benchmarks: Readonly<Record<string, { readonly about: string; readonly run: () => Promise<readonly Figure[]> }>> = {
  "heart-disease": { about: "federated against pooled training on the four UCI files, ten seeds", run: benchmarkHeartDisease },
  secagg: { about: "secure aggregation against its bounds; some ten minutes", run: benchmarkSecagg },
  round: { about: "what the protocol adds to a round: 4 clients, 100,000 parameters, loopback with TLS", run: benchmarkRound },
};

const words = process.argv.slice(2);
const json = words.includes("--json");
const name = words.find((word) => !word.startsWith("--"));
const benchmark = name === undefined ? undefined : benchmarks[name];
if (benchmark === undefined || name === undefined) {
  const list = Object.entries(benchmarks).map(([known, { about }]) => `  ${known}  ${about}\n`);
  process.stderr.write(`usage: npm run bench -- NAME [--json]\n${list.join("")}`);
  process.exit(2);
}
const figures = await benchmark.run();
process.stdout.write(table(figures));
if (json) process.stdout.write(`${JSON.stringify({ name, machine: machine(), figures })}\n`);
process.exit(figures.every((figure) => figure.holds) ? 0 : 1);

function table(rows: readonly Figure[]): string {
  const width = Math.max(...rows.map((row) => row.id.length));
  const line = (row: Figure): string =>
    `${row.id.padEnd(width)}  ${shown(row.value).padStart(12)} ${row.unit.padEnd(10)} ${row.bound.padEnd(12)} ${row.holds ? "" : "DOES NOT HOLD"}`.trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

function machine(): Readonly<Record<string, string | number>> {
  const cores = cpus();
  return {
    processor: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryBytes: totalmem(),
    node: process.version,
    platform: process.platform,
  };
}
