import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figure.ts";

const parts = ["masking", "client-work", "small-removal", "large-removal", "upload", "thousand", "ten-thousand"];
const program = fileURLToPath(new URL("./secagg/part.js", import.meta.url));

/** Secure aggregation: masking against the bare cipher, a client's whole work, opening sums, bytes sent, and large sessions in memory. */
export async function benchmarkSecagg(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const part of parts) {
    process.stderr.write(`${part}\n`);
    figures.push(...(await runPart(part)));
  }
  return figures;
}

async function runPart(part: string): Promise<readonly Figure[]> {
  const child = spawn(process.execPath, ["--max-old-space-size=12288", program, part], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the part ${part} ended with ${code}`);
  return JSON.parse(output) as readonly Figure[];
}
