// npm test: every test, from a clean clone. Arguments go to vitest.
import { join } from "node:path";
import { makeReady, root, run } from "./ready.mjs";

makeReady();
run(process.execPath, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...process.argv.slice(2)]);
