// npm start: the demonstration, from a clean clone. Arguments go to `sotto demo`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { makeReady, root } from "./ready.mjs";

makeReady();
const program = spawn(process.execPath, [join(root, "packages", "cli", "dist", "main.js"), "demo", ...process.argv.slice(2)], {
  cwd: process.cwd(),
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => program.kill(signal));
program.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
