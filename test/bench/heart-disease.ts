import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lastLine, programPath, sotto } from "../processes/program.ts";
import { atMost, type Figure, mean, told } from "./figure.ts";

const seeds = 10;
/** Beside the clone, where the public files may lie. */
const data = join(dirname(programPath), "..", "..", "..", "..", "shared", "data", "heart-disease");

interface Report {
  readonly accuracy: number;
  readonly auc: number;
  readonly baseline: {
    readonly pooled: { readonly accuracy: number; readonly auc: number };
    readonly localMean: { readonly accuracy: number; readonly auc: number };
  };
}

/** The demonstration on the four UCI heart-disease files, over ten seeds of split, model and shuffling: how far federated is from pooled. */
export async function benchmarkHeartDisease(): Promise<readonly Figure[]> {
  if (!existsSync(data)) {
    process.stderr.write("skipped: the heart-disease files are not beside this clone\n");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "sotto-heart-"));
  try {
    const reports: Report[] = [];
    for (let seed = 1; seed <= seeds; seed++) reports.push(await demo(join(folder, String(seed)), seed));
    return [...figuresOf("auc", reports), ...figuresOf("accuracy", reports)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function demo(output: string, seed: number): Promise<Report> {
  const done = await sotto(["demo", "--data", data, "--seed", String(seed), "--output", output, "--json"]);
  if (done.code !== 0) throw new Error(done.stderr);
  process.stderr.write(`seed ${seed} of ${seeds}\n`);
  return lastLine(done.stdout) as unknown as Report;
}

function figuresOf(metric: "auc" | "accuracy", reports: readonly Report[]): readonly Figure[] {
  const differences = reports.map((report) => report[metric] - report.baseline.pooled[metric]);
  const average = mean(differences);
  const spread = Math.sqrt(mean(differences.map((difference) => (difference - average) ** 2)));
  const id = (name: string): string => `heart-disease/${metric}-${name}`;
  return [
    told(id("federated-mean"), { value: mean(reports.map((report) => report[metric])), unit: "" }),
    told(id("pooled-mean"), { value: mean(reports.map((report) => report.baseline.pooled[metric])), unit: "" }),
    told(id("alone-mean"), { value: mean(reports.map((report) => report.baseline.localMean[metric])), unit: "" }),
    told(id("difference-mean"), { value: average, unit: "" }),
    told(id("difference-spread"), { value: spread, unit: "" }),
    atMost(id("difference-largest"), { value: Math.max(...differences.map(Math.abs)), unit: "", max: 0.02 }),
  ];
}
