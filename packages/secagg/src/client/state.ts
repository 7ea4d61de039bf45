import { assertNever, type ClientId, type Members } from "@sotto/base";
import type { Signer, X25519KeyPair } from "@sotto/crypto";
import type { Cohort } from "../cohort.ts";
import type { HeldLeaf } from "../held-shares.ts";
import type { Advert } from "../messages.ts";
import type { SharePair } from "../share-leaf.ts";

/**
 * The states of a client in a session, S0 to S4 of SECAGG 2.8. Opaque to who stores them: a step reads one and gives the next, and changes neither.
 * Each holds secrets, which {@link secretsOf} lists.
 */
export type ClientState = KeyingState | SharingState | SubmittingState | AttestingState | RevealingState;

/** After its advert. */
export interface KeyingState {
  readonly stage: "keying";
  readonly contextDigest: Uint8Array;
  readonly client: ClientId;
  /** Signs with the client's identity key, which outlives the session. */
  readonly sign: Signer;
  readonly maskPair: X25519KeyPair;
  readonly envelopePair: X25519KeyPair;
  readonly advert: Advert;
}

/** The client's place in the cohort of its session. */
export interface Seat {
  readonly cohort: Cohort;
  readonly index: number;
  readonly sign: Signer;
  /** O(i), ascending. */
  readonly holders: readonly number[];
  /** b_i, 32 bytes. */
  readonly selfSeed: Uint8Array;
}

/** The keys a client shares with one peer. */
export interface PeerKeys {
  readonly peer: number;
  /** Of the mask they share. */
  readonly pairKey: Uint8Array;
  /** Take what the peer deals: the incoming half of `EnvelopeKeys`. */
  readonly openingKeys: Uint8Array;
}

/** After dealing its shares. */
export interface SharingState {
  readonly stage: "sharing";
  readonly seat: Seat;
  /** Both pairs are still needed: a dealer this client did not pick may have picked it. */
  readonly maskPair: X25519KeyPair;
  readonly envelopePair: X25519KeyPair;
  /** Its holders, ascending. */
  readonly peers: readonly PeerKeys[];
}

/** The shares a client holds of one dealer. */
export interface HeldShares {
  readonly dealer: number;
  readonly shares: SharePair;
}

/** What is known once the dealers are. */
interface Dealt {
  readonly seat: Seat;
  /** U2. */
  readonly dealers: Members;
  /** D2. */
  readonly dealersDigest: Uint8Array;
  /** The dealers it shares a mask with, ascending: those it dealt to and those that dealt to it. */
  readonly neighbours: readonly number[];
  /** Of every dealer whose envelope was good, ascending. */
  readonly held: readonly HeldShares[];
}

/** With its masks, before its header. */
export interface SubmittingState extends Dealt {
  readonly stage: "submitting";
  /** What `held` was held against, in the same order. */
  readonly leaves: readonly HeldLeaf[];
  /** Dealers whose envelope was bad, ascending. */
  readonly complaints: readonly number[];
}

/** After its header. */
export interface AttestingState extends Dealt {
  readonly stage: "attesting";
}

/** After its attestation. */
export interface RevealingState extends Dealt {
  readonly stage: "revealing";
  /** U3. */
  readonly survivors: Members;
  /** D3. */
  readonly survivorsDigest: Uint8Array;
}

/** Everything secret in a state, for wiping wherever the session ends. The identity key is not in it. */
export function secretsOf(state: ClientState): readonly Uint8Array[] {
  switch (state.stage) {
    case "keying":
      return [state.maskPair.secretKey, state.envelopePair.secretKey];
    case "sharing":
      return [
        state.seat.selfSeed,
        state.maskPair.secretKey,
        state.envelopePair.secretKey,
        ...state.peers.flatMap((keys) => [keys.pairKey, keys.openingKeys]),
      ];
    case "submitting":
    case "attesting":
    case "revealing":
      return [state.seat.selfSeed, ...state.held.flatMap(({ shares }) => [shares.self, shares.mask])];
    default:
      return assertNever(state);
  }
}
