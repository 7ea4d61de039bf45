import { access, constants, readFile } from "node:fs/promises";
import { FlError, fromUtf8, wipeInto } from "@sotto/base";
import { decodeKey, type KeyKind } from "@sotto/identity";
import type { ClientConfig } from "../config.ts";

/** Who this client is, from its files. */
export interface IdentityFiles {
  /** Ed25519 secret key, 32 bytes: the caller wipes it. */
  readonly signingKey: Uint8Array;
  readonly authorityPublicKey: Uint8Array;
  /** PEM texts. */
  readonly tls: { readonly rootCertificate: string; readonly certificate: string; readonly privateKey: string };
}

/** @throws FlError naming the file: `not-found`, `permission-denied`, or `invalid-argument` when it holds something else */
export async function readIdentityFiles(config: ClientConfig): Promise<IdentityFiles> {
  const { tls } = config;
  return {
    authorityPublicKey: await readKey("authority-public-key", config.authorityKey),
    tls: {
      rootCertificate: await readText(tls.rootCertificate),
      certificate: await readText(tls.certificate),
      privateKey: await readText(tls.privateKey),
    },
    signingKey: await readKey("identity-secret-key", config.identityKey),
  };
}

async function readKey(kind: KeyKind, path: string): Promise<Uint8Array> {
  const text = await readText(path);
  try {
    return decodeKey(kind, text);
  } catch (cause) {
    if (!(cause instanceof FlError)) throw cause;
    throw new FlError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return fromUtf8(bytes);
  } finally {
    wipeInto(bytes);
  }
}

/** Nothing else is known of the table before a plan says how to read it. @throws FlError as {@link readIdentityFiles} */
export async function assertReadable(path: string): Promise<void> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

function fileError(path: string, cause: unknown): FlError {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  if (code === "ENOENT") return new FlError("not-found", `${path} does not exist`, { cause });
  if (code === "EACCES") return new FlError("permission-denied", `${path} may not be read by this user`, { cause });
  return new FlError("failed-precondition", `${path} cannot be read`, { cause });
}
