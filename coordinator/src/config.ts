import { isAbsolute, join } from "node:path";
import { type FederationId, parseFederationId } from "@sotto/base";
import { parsedText, parseYaml, type Schema, schema } from "@sotto/schema";

/** A coordinator's configuration file. Every path is absolute once read. */
export interface CoordinatorConfig {
  readonly federation: FederationId;
  readonly listen: {
    readonly host: string;
    /** 0 for any that is free. */
    readonly port: number;
  };
  /** File of the federation authority's public key: what the roster is checked with. */
  readonly authorityKey: string;
  /** File of the roster, as the authority signed it. */
  readonly roster: string;
  readonly tls: {
    /** PEM file of the federation's TLS root: who may connect at all. */
    readonly rootCertificate: string;
    /** PEM files of the coordinator's own certificate and its private key. */
    readonly certificate: string;
    readonly privateKey: string;
  };
  /** Folder for what the coordinator keeps; made when it is not there. */
  readonly dataDirectory: string;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** Contributions received at a time: each takes the memory of one. */
  readonly uploadSlots: number;
  /** Threads that take masks out of sums; null for as many as the machine has room for. */
  readonly maskWorkers: number | null;
}

const path = schema.string().min(1).max(4096);

const configSchema: Schema<CoordinatorConfig> = schema.strictObject({
  federation: parsedText(parseFederationId),
  listen: schema.strictObject({
    host: schema.string().min(1).max(253).default("127.0.0.1"),
    port: schema.number().int().min(0).max(65_535),
  }),
  authorityKey: path,
  roster: path,
  tls: schema.strictObject({ rootCertificate: path, certificate: path, privateKey: path }),
  dataDirectory: path,
  logLevel: schema.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  uploadSlots: schema.number().int().min(1).max(1_024).default(32),
  maskWorkers: schema.number().int().min(0).max(64).nullable().default(null),
});

/**
 * Reads a coordinator's configuration. Relative paths are of `directory`, the folder the file lies in.
 * @throws FlError `invalid-argument` naming every mistake with its path in the file
 */
export function parseCoordinatorConfig(text: string, directory: string): CoordinatorConfig {
  const config = parseYaml(configSchema, text, "coordinator configuration");
  const absolute = (file: string): string => (isAbsolute(file) ? file : join(directory, file));
  return {
    ...config,
    authorityKey: absolute(config.authorityKey),
    roster: absolute(config.roster),
    tls: {
      rootCertificate: absolute(config.tls.rootCertificate),
      certificate: absolute(config.tls.certificate),
      privateKey: absolute(config.tls.privateKey),
    },
    dataDirectory: absolute(config.dataDirectory),
  };
}
