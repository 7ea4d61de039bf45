import { join, relative } from "node:path";
import type { ClientId } from "@sotto/base";
import { federationFileNames as names } from "../federation/files.ts";

/** A coordinator's configuration as the demo writes it. */
export interface CoordinatorConfigParts {
  /** The folder the file goes to: paths in it are relative to it. */
  readonly folder: string;
  /** The coordinator's folder of the federation. */
  readonly federation: string;
  /** Where it keeps what it knows. */
  readonly state: string;
}

/** The YAML of the coordinator: on this machine alone, on any port that is free. */
export function coordinatorConfigText({ folder, federation, state }: CoordinatorConfigParts): string {
  const file = (name: string): string => quoted(relative(folder, join(federation, name)));
  return `# The coordinator, written by sotto demo. It starts with: sotto coordinator start --config THIS-FILE
federation: demo
listen: { host: 127.0.0.1, port: 0 }
authorityKey: ${file(names.authorityPublicKey)}
roster: ${file(names.roster)}
tls:
  rootCertificate: ${file(names.tlsRootCertificate)}
  certificate: ${file(names.certificate)}
  privateKey: ${file(names.privateKey)}
dataDirectory: ${quoted(relative(folder, state))}
`;
}

/** A client's configuration as the demo writes it. */
export interface ClientConfigParts {
  readonly client: ClientId;
  /** `host:port`. */
  readonly coordinator: string;
  /** The folder the file goes to: paths in it are relative to it. */
  readonly folder: string;
  /** The client's folder of the federation. */
  readonly federation: string;
  /** The client's table, absolute. */
  readonly data: string;
}

/** The YAML of one client. The policy stands in full, for people to read and change: it is the data owner's, not the coordinator's. */
export function clientConfigText({ client, coordinator, folder, federation, data }: ClientConfigParts): string {
  const file = (name: string): string => quoted(relative(folder, join(federation, name)));
  return `# A data owner's client, written by sotto demo. It starts with: sotto client start --config THIS-FILE
client: ${client}
coordinator: ${coordinator}
authorityKey: ${file(names.authorityPublicKey)}
identityKey: ${file(names.identityKey)}
tls:
  rootCertificate: ${file(names.tlsRootCertificate)}
  certificate: ${file(names.certificate)}
  privateKey: ${file(names.privateKey)}
data: ${quoted(data)}

# What the data owner grants. Whatever breaks it is refused here, whoever asks.
policy:
  minCohort: 3 # fewest clients in any sum
  maxDropout: 0.25 # largest fraction of them that may drop out
  gamma: 0.2 # fraction that may be corrupt
  clipNorm: { min: 0.001, max: 20 } # largest influence of one update
  weightMax: { min: 1, max: 1000 } # rows that count at most
  maxParameters: 100000
  maxEpochs: 5 # of training in one round
  allowedLosses: [binaryCrossentropy]
  dpRequired: false # no plan of this version adds noise
`;
}

/** What an operator's configuration holds. */
export interface OperatorConfigParts {
  readonly coordinator: string;
  readonly folder: string;
  /** The operator's folder of the federation. */
  readonly federation: string;
}

/** The YAML of an operator, for `sotto task` and `sotto model`. */
export function operatorConfigText({ coordinator, folder, federation }: OperatorConfigParts): string {
  const file = (name: string): string => quoted(relative(folder, join(federation, name)));
  return `# An operator, written by sotto demo. For example: sotto task list --config THIS-FILE
coordinator: ${coordinator}
tls:
  rootCertificate: ${file(names.tlsRootCertificate)}
  certificate: ${file(names.certificate)}
  privateKey: ${file(names.privateKey)}
`;
}

/** A text as YAML's double-quoted scalar, of which JSON's is a part. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
