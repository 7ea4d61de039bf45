import type { Figure } from "../figure.ts";
import { benchmarkClientWork } from "./client-work.ts";
import { benchmarkMasking } from "./masking.ts";
import { benchmarkLargeRemoval, benchmarkSmallRemoval } from "./removal.ts";
import { benchmarkTenThousand, benchmarkThousand } from "./sessions.ts";
import { benchmarkUpload } from "./upload.ts";

/** The parts of the benchmark, each run in a process of its own: no part pays for what another left in memory. */
const parts: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  masking: benchmarkMasking,
  "client-work": benchmarkClientWork,
  "small-removal": benchmarkSmallRemoval,
  "large-removal": benchmarkLargeRemoval,
  upload: benchmarkUpload,
  thousand: benchmarkThousand,
  "ten-thousand": benchmarkTenThousand,
};

const part = parts[process.argv[2] ?? ""];
if (part === undefined) throw new Error(`there are ${Object.keys(parts).join(", ")}`);
process.stdout.write(JSON.stringify(await part()));
