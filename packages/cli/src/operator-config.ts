import { dirname, resolve } from "node:path";
import { parseYaml, type Schema, schema } from "@sotto/schema";
import { readText } from "./read-file.ts";

/** Where an operator's coordinator is, and who the operator is: what `sotto task` and `sotto model` need. */
export interface OperatorConfig {
  /** `host:port`; the host must be a name in the coordinator's certificate. */
  readonly coordinator: string;
  /** Texts of the files that the configuration names, PEM. */
  readonly tls: { readonly rootCertificate: string; readonly certificate: string; readonly privateKey: string };
}

const path = schema.string().min(1).max(4096);
const operatorSchema: Schema<OperatorConfig> = schema.strictObject({
  coordinator: schema
    .string()
    .max(300)
    .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, { message: "must be host:port, such as fl.example.org:8443" }),
  tls: schema.strictObject({ rootCertificate: path, certificate: path, privateKey: path }),
});

/**
 * Reads an operator's YAML file; paths in it are relative to it.
 * @throws FlError `not-found` when it or a file it names is not there, `invalid-argument` naming every mistake in it
 */
export function readOperatorConfig(file: string): OperatorConfig {
  const { coordinator, tls } = parseYaml(operatorSchema, readText(file), file);
  const read = (name: string): string => readText(resolve(dirname(file), name));
  return {
    coordinator,
    tls: { rootCertificate: read(tls.rootCertificate), certificate: read(tls.certificate), privateKey: read(tls.privateKey) },
  };
}
