export { canonicalJson, type Json } from "./canonical-json.ts";
export { parseJson, parseWith, parseYaml, type Schema, schema } from "./parse.ts";
