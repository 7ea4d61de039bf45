// node packages/vector/wasm/assemble.mjs: writes src/gen/lane-add-module.ts from lane-add.wat. A test runs `laneAddSource` again and compares.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const source = new URL("lane-add.wat", import.meta.url);
const target = new URL("../src/gen/lane-add-module.ts", import.meta.url);

/** The text of the generated file: the assembled module as hexadecimal text, in lines. */
export async function laneAddSource() {
  const { parseWat } = await wabt();
  // As text: of bytes, wabt 1.0.39 takes the whole buffer behind a view, and Node hands out views of a pool.
  const module = parseWat("lane-add.wat", readFileSync(source, "utf8"), { simd: true });
  try {
    module.validate();
    const text = Buffer.from(module.toBinary({}).buffer).toString("hex");
    const lines = text.match(/.{1,128}/g).map((line) => `  "${line}",`);
    return [
      "// Assembled by wasm/assemble.mjs from wasm/lane-add.wat: change that, and run it.",
      "/** The WebAssembly module of lane-add.wat, as hexadecimal text in pieces. */",
      "export const laneAddModule: readonly string[] = [",
      ...lines,
      "];",
      "",
    ].join("\n");
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await laneAddSource());
