import { ed25519Sign, ed25519Verify, transcript } from "@sotto/crypto";

/** What an attestation is bound to. */
export interface AttestationBinding {
  readonly contextDigest: Uint8Array;
  /** D3: whose contributions are in the sum. */
  readonly survivorsDigest: Uint8Array;
}

/** S3 of SECAGG 2.8: a client's signature over the one survivor set it accepts. */
export function signAttestation(binding: AttestationBinding, signingKey: Uint8Array): Uint8Array {
  return ed25519Sign(signingKey, attestationMessage(binding));
}

/** Whether the owner of `verificationKey` attested these survivors. */
export function verifyAttestation(binding: AttestationBinding, signature: Uint8Array, verificationKey: Uint8Array): boolean {
  return ed25519Verify(verificationKey, attestationMessage(binding), signature);
}

function attestationMessage({ contextDigest, survivorsDigest }: AttestationBinding): Uint8Array {
  return transcript("con", contextDigest, survivorsDigest);
}
