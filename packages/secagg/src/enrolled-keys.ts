import type { ClientId } from "@sotto/base";

/** Who is enrolled, as the roster says. */
export interface EnrolledKeys {
  /** The client's Ed25519 public key, 32 bytes; null when it is not enrolled. */
  verificationKey(client: ClientId): Uint8Array | null;
}
