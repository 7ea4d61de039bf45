import { assertNever } from "@sotto/base";
import { sha256 } from "@sotto/crypto";
import type { AttestingState, KeyingState, RevealingState, SharingState } from "@sotto/secagg";

/** How a client lies in a session. It signs its lies as an honest client signs the truth. */
export type Lie =
  /** It reveals another share than the one it was dealt, of the first dealer. */
  | "false-share"
  /** It reveals another self seed than the one it committed to. */
  | "false-seed"
  /** It deals shares of another mask key than the one it advertised. */
  | "other-mask-key"
  /** It seals shares so that no holder can open them. */
  | "unreadable-shares";

/** A client's state in a session, or none. */
export type PeerSession = KeyingState | SharingState | AttestingState | RevealingState | null;

/** The state that a liar goes on from where an honest client has this one. */
export function withLie(session: PeerSession, lie: Lie): PeerSession {
  switch (lie) {
    case "false-share":
      return session?.stage === "revealing" ? withFalseShare(session) : session;
    case "false-seed":
      return session?.stage === "revealing" ? { ...session, seat: { ...session.seat, selfSeed: other(session.seat.selfSeed) } } : session;
    case "other-mask-key":
      return session?.stage === "keying" ? { ...session, maskPair: withOtherSecret(session.maskPair) } : session;
    case "unreadable-shares":
      return session?.stage === "keying" ? { ...session, envelopePair: withOtherSecret(session.envelopePair) } : session;
    default:
      return assertNever(lie);
  }
}

function withFalseShare(session: RevealingState): RevealingState {
  const held = session.held.map((one, i) =>
    i > 0 ? one : { ...one, shares: { self: other(one.shares.self), mask: other(one.shares.mask) } },
  );
  return { ...session, held };
}

function withOtherSecret<Pair extends { readonly secretKey: Uint8Array }>(pair: Pair): Pair {
  return { ...pair, secretKey: other(pair.secretKey) };
}

function other(secret: Uint8Array): Uint8Array {
  return sha256(secret);
}
