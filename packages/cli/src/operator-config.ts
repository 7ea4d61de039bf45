import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FlError } from "@sotto/base";
import { parseYaml, type Schema, schema } from "@sotto/schema";

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

/** The text of a small file. @throws FlError `not-found`, or `permission-denied` when this user may not read it */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const isDenied = cause instanceof Error && "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM");
    throw new FlError(isDenied ? "permission-denied" : "not-found", `${file} cannot be read`, { cause });
  }
}
