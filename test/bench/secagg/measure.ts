import { median } from "../figure.ts";

/** Times a piece of work is measured: the median counts. */
const repeats = 5;

/** What a piece of work took, in milliseconds: medians. */
export interface Cost {
  readonly wallMs: number;
  /** Of all threads of this process. */
  readonly cpuMs: number;
}

/** Runs the work once to warm up, then measures it. `prepare` gives each run its own input, unmeasured. */
export async function measure<Input>(prepare: () => Input, work: (input: Input) => unknown): Promise<Cost> {
  await work(prepare());
  const costs: Cost[] = [];
  for (let run = 0; run < repeats; run++) costs.push(await measureOnce(prepare(), work));
  return { wallMs: median(costs.map((cost) => cost.wallMs)), cpuMs: median(costs.map((cost) => cost.cpuMs)) };
}

/** Runs and measures the work once. */
export async function measureOnce<Input>(input: Input, work: (input: Input) => unknown): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work(input);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}
