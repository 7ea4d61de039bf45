import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientId, FlError, type OperatorId } from "@sotto/base";
import type { FederationFiles, TlsCredentials } from "@sotto/identity";

/** One folder a party: each holds all that the party needs and nothing of the others, so a folder is what is handed over. */
export interface FederationFolders {
  /** Stays offline: whoever has it can enrol anybody. */
  readonly authority: string;
  readonly coordinator: string;
  readonly clients: ReadonlyMap<ClientId, string>;
  readonly operators: ReadonlyMap<OperatorId, string>;
}

/** Names of the files in the folders of {@link writeFederation}. */
export const federationFileNames = {
  authorityPublicKey: "authority-public.key",
  authoritySecretKey: "authority-secret.key",
  tlsRootCertificate: "tls-root.pem",
  tlsRootPrivateKey: "tls-root-private-key.pem",
  certificate: "certificate.pem",
  privateKey: "private-key.pem",
  identityKey: "identity.key",
  roster: "roster.signed",
} as const;

/**
 * Writes a federation's files below `folder`: secrets readable by this user alone (0600, in folders of 0700).
 * @throws FlError `already-exists` when the folder holds anything
 */
export function writeFederation(files: FederationFiles, folder: string): FederationFolders {
  assertEmpty(folder);
  const names = federationFileNames;
  const tls = ({ certificate, privateKey }: TlsCredentials, into: string): void => {
    writePublic(join(into, names.certificate), certificate);
    writeSecret(join(into, names.privateKey), privateKey);
    writePublic(join(into, names.tlsRootCertificate), files.tlsRootCertificate);
  };
  const party = (...path: readonly string[]): string => {
    const into = join(folder, ...path);
    mkdirSync(into, { recursive: true, mode: 0o700 });
    return into;
  };

  const authority = party("authority");
  writeSecret(join(authority, names.authoritySecretKey), files.authoritySecretKey);
  writeSecret(join(authority, names.tlsRootPrivateKey), files.tlsRootPrivateKey);
  writePublic(join(authority, names.authorityPublicKey), files.authorityPublicKey);
  writePublic(join(authority, names.roster), files.roster);

  const coordinator = party("coordinator");
  tls(files.coordinator, coordinator);
  writePublic(join(coordinator, names.roster), files.roster);
  writePublic(join(coordinator, names.authorityPublicKey), files.authorityPublicKey);

  const clients = new Map<ClientId, string>();
  for (const [client, own] of files.clients) {
    const into = party("clients", client);
    tls(own, into);
    writeSecret(join(into, names.identityKey), own.identityKey);
    writePublic(join(into, names.authorityPublicKey), files.authorityPublicKey);
    clients.set(client, into);
  }

  const operators = new Map<OperatorId, string>();
  for (const [operator, own] of files.operators) {
    const into = party("operators", operator);
    tls(own, into);
    operators.set(operator, into);
  }
  return { authority, coordinator, clients, operators };
}

/** Writes a file that only this user may read; never over another. */
export function writeSecret(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content, { mode: 0o600, flag: "wx" });
}

function writePublic(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content, { mode: 0o644, flag: "wx" });
}

function assertEmpty(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = readdirSync(folder).length;
  if (found > 0) throw new FlError("already-exists", `${folder} holds ${found} files or folders and keys are never written over others`);
}
