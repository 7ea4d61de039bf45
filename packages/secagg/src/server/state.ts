import type { ClientId, Members } from "@sotto/base";
import type { Verifier } from "@sotto/crypto";
import type { Cohort, CohortRule } from "../cohort.ts";
import type { MerkleTree } from "../merkle.ts";
import type { Advert, ConsistencySignature, MaskedHeader, Reveal, RevealedShare, ShareBundle } from "../messages.ts";
import type { ShareGraph } from "../share-graph.ts";

/**
 * The states of the coordinator in a session, one a stage of SECAGG 2.8. Opaque to who stores them: a step reads one and gives the next, and changes
 * neither. They hold only what clients sent, so a replay of accepted messages gives the same state.
 */
export type ServerState = KeyingServer | SharingServer | CollectingServer | AttestingServer | UnmaskingServer;

/** S0: takes adverts. */
export interface KeyingServer {
  readonly stage: "keying";
  readonly contextDigest: Uint8Array;
  /** Ascending. */
  readonly candidates: readonly ClientId[];
  readonly rule: CohortRule;
  readonly adverts: ReadonlyMap<ClientId, AcceptedAdvert>;
}

/** An advert with what checks its client's signatures. */
export interface AcceptedAdvert {
  readonly advert: Advert;
  readonly verifier: Verifier;
}

/** A bundle with the tree over its leaves. */
export interface AcceptedBundle {
  readonly bundle: ShareBundle;
  readonly tree: MerkleTree;
}

/** S1: takes share bundles. */
export interface SharingServer {
  readonly stage: "sharing";
  readonly cohort: Cohort;
  readonly bundles: ReadonlyMap<number, AcceptedBundle>;
}

/** S2: takes headers. */
export interface CollectingServer {
  readonly stage: "collecting";
  readonly cohort: Cohort;
  readonly bundles: ReadonlyMap<number, AcceptedBundle>;
  readonly graph: ShareGraph;
  /** U2. */
  readonly dealers: Members;
  /** D2. */
  readonly dealersDigest: Uint8Array;
  readonly headers: ReadonlyMap<number, MaskedHeader>;
}

/** S3: takes signatures. */
export interface AttestingServer {
  readonly stage: "attesting";
  readonly cohort: Cohort;
  readonly bundles: ReadonlyMap<number, AcceptedBundle>;
  readonly graph: ShareGraph;
  readonly dealers: Members;
  /** D2. */
  readonly dealersDigest: Uint8Array;
  readonly headers: ReadonlyMap<number, MaskedHeader>;
  /** U3. */
  readonly survivors: Members;
  /** D3. */
  readonly survivorsDigest: Uint8Array;
  readonly signatures: ReadonlyMap<number, Uint8Array>;
}

/** S4: takes revealed shares. */
export interface UnmaskingServer {
  readonly stage: "unmasking";
  readonly cohort: Cohort;
  readonly bundles: ReadonlyMap<number, AcceptedBundle>;
  readonly graph: ShareGraph;
  readonly dealers: Members;
  readonly dealersDigest: Uint8Array;
  readonly headers: ReadonlyMap<number, MaskedHeader>;
  readonly survivors: Members;
  /** D3. */
  readonly survivorsDigest: Uint8Array;
  /** A quorum's, ascending by index. */
  readonly signatures: readonly ConsistencySignature[];
  /** By survivor. */
  readonly reveals: ReadonlyMap<number, AcceptedReveal>;
}

/** A reveal whose every share is the one its dealer committed to. */
export interface AcceptedReveal {
  readonly reveal: Reveal;
  /** By owner. */
  readonly shares: ReadonlyMap<number, RevealedShare>;
}

/** The state after an accepted message. */
export interface Received<State extends ServerState> {
  readonly state: State;
  /** The same bytes were accepted before: the state is unchanged. */
  readonly repeated: boolean;
}
