import type { ClientId, Digest, FederationId, Members, RoundNumber, SessionNumber } from "@sotto/base";

/** What every key and signature of a session is bound to (SECAGG 2.3). */
export interface SessionContext {
  readonly federation: FederationId;
  readonly rosterDigest: Digest;
  readonly planDigest: Digest;
  /** The model every client of the session received: clients given different models derive masks that do not cancel. */
  readonly modelDigest: Digest;
  readonly round: RoundNumber;
  readonly session: SessionNumber;
}

/** What a client tolerates, from its own policy or the plan (SECAGG 2.4). */
export interface Tolerance {
  /** Fraction of the cohort that may be corrupt, in [0, 1). */
  readonly gamma: number;
  /** Fraction of the cohort that may drop after keying, in [0, 1). */
  readonly delta: number;
}

/** S0: the two session public keys of a client, signed with its identity key (SECAGG 2.8). */
export interface Advert {
  readonly client: ClientId;
  /** X25519 public key M, 32 bytes: its secret is shared and may be rebuilt. */
  readonly maskKey: Uint8Array;
  /** X25519 public key E, 32 bytes: its secret never leaves the client. */
  readonly envelopeKey: Uint8Array;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** S1: what a client deals: a leaf a holder, and an envelope for each holder that does not derive its shares; in the order of `holders`. */
export interface ShareBundle {
  /** Cohort indices, ascending, without the dealer: O(i) of SECAGG 2.5. */
  readonly holders: readonly number[];
  /** H("b" || contextDigest || b), 32 bytes. */
  readonly selfSeedDigest: Uint8Array;
  /** A commitment to share_b and one to share_sk, 64 bytes each leaf. */
  readonly leaves: readonly Uint8Array[];
  /** AEAD ciphertext and tag of share_b || share_sk, 80 bytes each: for the holders from position t - 1 on. */
  readonly envelopes: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

/** One holder's part of one dealer's {@link ShareBundle}, as the coordinator passes it on. */
export interface DealtShare {
  /** Cohort index of the dealer. */
  readonly dealer: number;
  /** The holder's position among the dealer's holders, plus 1: the coordinate of its shares. */
  readonly coordinate: number;
  /** 64 bytes. */
  readonly leaf: Uint8Array;
  /** 80 bytes; none below coordinate t, where the holder derives its shares. */
  readonly envelope: Uint8Array;
}

/** S2: the signed header of a masked contribution. */
export interface MaskedHeader {
  /** SHA-256 of the packed contribution as uploaded. */
  readonly contributionDigest: Digest;
  /** Dealers whose envelope did not open or did not match its leaf: cohort indices, ascending. */
  readonly complaints: readonly number[];
  /** Root over the leaves of the shares this client holds: what it later reveals is held against them. 32 bytes. */
  readonly heldRoot: Uint8Array;
  readonly signature: Uint8Array;
}

/** A header with its sender's cohort index. */
export interface SignedHeader {
  readonly index: number;
  readonly header: MaskedHeader;
}

/** S3: one client's signature over D3. */
export interface ConsistencySignature {
  readonly index: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** S4: one revealed share. Of one owner a client reveals `self` or `mask`, never both. */
export interface RevealedShare {
  /** Cohort index of the owner of the secret. */
  readonly owner: number;
  readonly kind: "self" | "mask";
  /** 32 bytes: a share; in a survivor's entry for itself, its whole self seed. */
  readonly share: Uint8Array;
}

/** S4: what a client reveals, signed, so that a lie has an author. */
export interface Reveal {
  /** Ascending by owner. */
  readonly shares: readonly RevealedShare[];
  /** Ed25519 over D3 and the root over the shares, 64 bytes. */
  readonly signature: Uint8Array;
}

/** What the coordinator sends at S2: who dealt shares, and the shares dealt to this client. Who dealt it shares is its neighbour, like who it dealt to. */
export interface MaskRequest {
  /** U2 over U1. */
  readonly dealers: Members;
  readonly dealt: readonly DealtShare[];
}

/** What the coordinator sends at S3: whose contribution it holds. */
export interface AttestRequest {
  /** U3 over U1. */
  readonly survivors: Members;
}

/**
 * What the coordinator sends at S4: the signatures of a quorum over one survivor set, and the headers of those of this client's neighbours in it that
 * are not among the signers. An honest signer masked with the dealers that its own D3 names, so its signature says what its header would.
 */
export interface RevealRequest {
  readonly signatures: readonly ConsistencySignature[];
  readonly headers: readonly SignedHeader[];
}
