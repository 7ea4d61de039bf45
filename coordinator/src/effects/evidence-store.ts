/** Where evidence is kept: a folder for an operator, memory for simulations and tests. */
export interface EvidenceStore {
  /**
   * Keeps the bytes of one file under its name, in place of what may be there. Resolves once they are durable, with where they lie; with null, and nothing
   * kept, when the store has as many as it takes.
   * @throws FlError when they cannot be kept
   */
  keep(name: string, bytes: Uint8Array): Promise<string | null>;
}

/** Files a store takes at most. One client is given up to {@link perClientMax} a run, so that one alone cannot fill it. */
export const filesMax = 1_024;

/** Files kept of one client while the coordinator runs: one convicts it, more show a habit. */
export const perClientMax = 16;
