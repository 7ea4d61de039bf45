import { bundleStatement, bundleTree, holdersDigest } from "../bundle.ts";
import type { Seat } from "../client/state.ts";
import { merkleRoot } from "../merkle.ts";
import type { Reveal, RevealedShare, ShareBundle } from "../messages.ts";
import { revealRoot, revealStatement } from "../reveal.ts";
import { signStatement } from "../statement.ts";

// What clients that lie, and a simulator that knows no secret, sign: good signatures over whatever a test makes up.

/** A bundle with the signature its dealer would give it. */
export function signedBundle({ cohort, index, sign }: Seat, bundle: Omit<ShareBundle, "signature">): ShareBundle {
  const statement = bundleStatement({
    cohortDigest: cohort.digest,
    dealer: index,
    threshold: cohort.parameters.threshold,
    holdersDigest: holdersDigest(bundle.holders),
    selfSeedDigest: bundle.selfSeedDigest,
    root: merkleRoot(bundleTree(bundle)),
  });
  return { ...bundle, signature: signStatement(cohort.contextDigest, statement, sign) };
}

/** A reveal with the signature its sender would give it, for the survivors of this D3. */
export function signedReveal({ cohort, sign }: Seat, survivorsDigest: Uint8Array, shares: readonly RevealedShare[]): Reveal {
  return { shares, signature: signStatement(cohort.contextDigest, revealStatement(survivorsDigest, revealRoot(shares)), sign) };
}

/** The bytes with one bit of one of them flipped: the first, unless told. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  return bytes.with(at, bytes[at]! ^ 1);
}
