import { type Signer, transcript, type Verifier } from "@sotto/crypto";

/** What a client can sign in a session, by the label that its bytes begin with: one statement of each a session, ever (SECAGG 2.8). */
export type StatementLabel = "adv" | "shr" | "msk" | "con" | "rev";

/** What a client signs: fields under a label, bound to one session. */
export interface Statement {
  readonly label: StatementLabel;
  readonly fields: readonly Uint8Array[];
}

/** The signature of a statement for the session of this context, 64 bytes. */
export function signStatement(contextDigest: Uint8Array, statement: Statement, sign: Signer): Uint8Array {
  return sign(statementBytes(contextDigest, statement));
}

/** Whether the owner of the key behind `verify` made this statement in the session of this context. */
export function verifyStatement(
  contextDigest: Uint8Array,
  signed: Statement & { readonly signature: Uint8Array },
  verify: Verifier,
): boolean {
  return verify(statementBytes(contextDigest, signed), signed.signature);
}

/** The bytes that are signed. */
export function statementBytes(contextDigest: Uint8Array, { label, fields }: Statement): Uint8Array {
  return transcript(label, contextDigest, ...fields);
}
