export { canonicalJson, type Json } from "./canonical-json.ts";
export { parsedText, parseJson, parseWith, parseYaml, type Schema, schema } from "./parse.ts";
