import { digestBytes, utf8 } from "@sotto/base";
import { sha256, transcript, u32Bytes, u64Bytes } from "@sotto/crypto";
import type { SessionContext } from "./messages.ts";

/** The digest that every key and signature of a session is bound to, 32 bytes: SECAGG 2.3. */
export function contextDigest(context: SessionContext): Uint8Array {
  return sha256(
    transcript(
      "flsa/1",
      utf8(context.federation),
      digestBytes(context.rosterDigest),
      digestBytes(context.planDigest),
      digestBytes(context.modelDigest),
      u64Bytes(context.round),
      u32Bytes(context.session),
    ),
  );
}
