import { FlError } from "@sotto/base";
import type { LocalContribution, PackedContribution } from "../update/prepare.ts";

/** The one vector of a round, with its owner: first what was computed, then only its masked bytes. In memory alone. */
export interface Holding {
  keep(contribution: LocalContribution): void;
  /** Hands the contribution over, once. @throws FlError `failed-precondition` when there is none: it was masked already */
  giveUp(): LocalContribution;
  keepPacked(packed: PackedContribution): void;
  /** The packed bytes, to be sent again as they are. @throws FlError `failed-precondition` when there are none */
  packed(): PackedContribution;
  dropPacked(): void;
  /** Wipes and forgets everything. */
  drop(): void;
}

/** An empty {@link Holding}. */
export function createHolding(): Holding {
  let contribution: LocalContribution | null = null;
  let packed: PackedContribution | null = null;
  return {
    keep(computed) {
      contribution = computed;
    },
    giveUp() {
      if (contribution === null) throw new FlError("failed-precondition", "no contribution is held to be masked");
      const given = contribution;
      contribution = null;
      return given;
    },
    keepPacked(bytes) {
      packed = bytes;
    },
    packed() {
      if (packed === null) throw new FlError("failed-precondition", "no masked contribution is held to be sent");
      return packed;
    },
    dropPacked() {
      packed = null;
    },
    drop() {
      contribution?.update?.fill(0);
      contribution = null;
      packed = null;
    },
  };
}
