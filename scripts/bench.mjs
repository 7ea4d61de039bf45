// npm run bench -- NAME [--json]: one benchmark; without a name, the list.
import { join } from "node:path";
import { makeReady, root, run } from "./ready.mjs";

makeReady();
run(process.execPath, ["--expose-gc", join(root, "test", "dist", "bench", "main.js"), ...process.argv.slice(2)]);
