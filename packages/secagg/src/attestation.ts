import type { Statement } from "./statement.ts";

/** S3 of SECAGG 2.8: a client states the one survivor set it accepts, by D3. */
export function attestationStatement(survivorsDigest: Uint8Array): Statement {
  return { label: "con", fields: [survivorsDigest] };
}
