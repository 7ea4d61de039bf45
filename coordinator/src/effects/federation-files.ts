import { readFile, stat } from "node:fs/promises";
import { FlError, fromUtf8 } from "@sotto/base";
import { decodeKey, parseRoster, type Roster, rosterSizeBytesMax } from "@sotto/identity";
import type { CoordinatorConfig } from "../config.ts";

/** What a coordinator is given of its federation, from its files. */
export interface FederationFiles {
  readonly roster: Roster;
  readonly rosterBytes: Uint8Array;
  /** PEM texts. */
  readonly tls: { readonly rootCertificate: string; readonly certificate: string; readonly privateKey: string };
}

/** Keys and certificates are of a few kilobytes. */
const textSizeBytesMax = 1024 * 1024;

/**
 * @throws FlError naming the file: `not-found`, `permission-denied`, `failed-precondition`, or `invalid-argument` when it holds something
 * else or the authority did not sign the roster
 */
export async function readFederationFiles(config: CoordinatorConfig): Promise<FederationFiles> {
  const authorityText = await readText(config.authorityKey);
  const rosterBytes = await readBounded(config.roster, rosterSizeBytesMax);
  const roster = parseRoster(rosterBytes, keyIn(config.authorityKey, authorityText));
  if (roster.kind === "refused") throw new FlError("invalid-argument", `${config.roster}: ${roster.refusal.message}`);
  const { tls } = config;
  return {
    roster: roster.value,
    rosterBytes,
    tls: {
      rootCertificate: await readText(tls.rootCertificate),
      certificate: await readText(tls.certificate),
      privateKey: await readText(tls.privateKey),
    },
  };
}

function keyIn(file: string, text: string): Uint8Array {
  try {
    return decodeKey("authority-public-key", text);
  } catch (cause) {
    if (!(cause instanceof FlError)) throw cause;
    throw new FlError(cause.code, `${file}: ${cause.message}`, { cause });
  }
}

async function readText(file: string): Promise<string> {
  return fromUtf8(await readBounded(file, textSizeBytesMax));
}

async function readBounded(file: string, sizeBytesMax: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > sizeBytesMax) throw new FlError("invalid-argument", `${file} of ${size} bytes must be at most ${sizeBytesMax}`);
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw cause instanceof FlError ? cause : fileError(file, cause);
  }
}

function fileError(file: string, cause: unknown): FlError {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  if (code === "ENOENT") return new FlError("not-found", `${file} does not exist`, { cause });
  if (code === "EACCES") return new FlError("permission-denied", `${file} may not be read by this user`, { cause });
  return new FlError("failed-precondition", `${file} cannot be read`, { cause });
}
