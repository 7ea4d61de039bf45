#!/usr/bin/env node
// The program's name on the command line. It stands in the sources, so that an install can link it before anything is built.
import { existsSync } from "node:fs";

const program = new URL("../dist/main.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write("sotto: not built yet: run npm start, npm test or npm run build in the clone first\n");
  process.exitCode = 1;
}
