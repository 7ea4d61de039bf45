import { isAbsolute, join } from "node:path";
import { type ClientId, parseClientId } from "@sotto/base";
import { parsedText, parseYaml, type Schema, schema } from "@sotto/schema";
import { type Policy, policySchema } from "./guard/policy.ts";

/** A client's configuration file. Every path is absolute once read. */
export interface ClientConfig {
  readonly client: ClientId;
  /** Host and port that the coordinator listens on: `fl.example.org:8443`. */
  readonly coordinator: string;
  /** File of the federation authority's public key: pinned, what every roster is checked with. */
  readonly authorityKey: string;
  /** File of this client's Ed25519 identity key. */
  readonly identityKey: string;
  readonly tls: {
    /** PEM file of the federation's TLS root. */
    readonly rootCertificate: string;
    /** PEM files of this client's own certificate and its private key. */
    readonly certificate: string;
    readonly privateKey: string;
  };
  /** The data owner's table. */
  readonly data: string;
  /** Folder of what this client must never forget: its own alone, made when it is not there. */
  readonly state: string;
  readonly policy: Policy;
  /** `auto` takes the fastest that works here. */
  readonly backend: "auto" | "tfjs-node" | "wasm" | "cpu";
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** What the client does once it took part in a round and the coordinator has no more work. */
  readonly whenIdle: "wait" | "leave";
  /** What the client does when its table does not fit a plan; it withdraws from the round in any case. */
  readonly whenDataUnusable: "wait" | "leave";
}

const path = schema.string().min(1).max(4096);

const address = schema
  .string()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, { message: "must be host:port, such as fl.example.org:8443" });

/** The file as it is written: the folder of the state may be left out. */
type ConfigFile = Omit<ClientConfig, "state"> & { readonly state: string | null };

const configSchema: Schema<ConfigFile> = schema.strictObject({
  client: parsedText(parseClientId),
  coordinator: address,
  authorityKey: path,
  identityKey: path,
  tls: schema.strictObject({ rootCertificate: path, certificate: path, privateKey: path }),
  data: path,
  state: path.nullable().default(null),
  policy: policySchema.prefault({}),
  backend: schema.enum(["auto", "tfjs-node", "wasm", "cpu"]).default("auto"),
  logLevel: schema.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  whenIdle: schema.enum(["wait", "leave"]).default("wait"),
  whenDataUnusable: schema.enum(["wait", "leave"]).default("leave"),
});

/**
 * Reads a client's configuration. Relative paths are of `directory`, the folder the file lies in. Clients whose files share a folder
 * have state directories of their own, `state/CLIENT` in it, unless the files say otherwise.
 * @throws FlError `invalid-argument` naming every mistake with its path in the file
 */
export function parseClientConfig(text: string, directory: string): ClientConfig {
  const config = parseYaml(configSchema, text, "client configuration");
  const absolute = (file: string): string => (isAbsolute(file) ? file : join(directory, file));
  return {
    ...config,
    authorityKey: absolute(config.authorityKey),
    identityKey: absolute(config.identityKey),
    tls: {
      rootCertificate: absolute(config.tls.rootCertificate),
      certificate: absolute(config.tls.certificate),
      privateKey: absolute(config.tls.privateKey),
    },
    data: absolute(config.data),
    state: absolute(config.state ?? join("state", config.client)),
  };
}
