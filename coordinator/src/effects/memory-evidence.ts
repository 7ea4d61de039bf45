import { type EvidenceStore, filesMax } from "./evidence-store.ts";

/** An {@link EvidenceStore} in memory, whose files can be looked at. */
export interface MemoryEvidence extends EvidenceStore {
  /** By name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Evidence that is gone with the process: for simulations and tests. */
export function memoryEvidence(): MemoryEvidence {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    async keep(name, bytes) {
      if (files.size >= filesMax && !files.has(name)) return null;
      files.set(name, Uint8Array.from(bytes));
      return name;
    },
  };
}
