import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, onDisk, partialSuffix, replaceFile } from "@sotto/storage";
import { type EvidenceStore, filesMax } from "./evidence-store.ts";

/**
 * An {@link EvidenceStore} in a folder, one file a conviction, for its owner alone; the folder is made with the first. A file that is kept survives the
 * death of the process and of the machine. One coordinator writes to a folder.
 */
export function directoryEvidence(folder: string): EvidenceStore {
  return {
    async keep(name, bytes) {
      await makeFolder(folder, 0o700);
      const entries = await onDisk(`read ${folder}`, () => readdir(folder));
      const kept = entries.filter((entry) => !entry.endsWith(partialSuffix));
      if (kept.length >= filesMax && !kept.includes(name)) return null;
      const file = join(folder, name);
      await replaceFile(file, bytes);
      return file;
    },
  };
}
