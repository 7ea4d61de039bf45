import { join, resolve } from "node:path";
import { type ClientId, FlError, toFlError } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { makeFolder, partialSuffix, readIfThere, removeFile, replaceFile } from "@sotto/storage";
import type { Remembered } from "../round/state.ts";
import { lockFolder } from "./folder-lock.ts";
import { decodeMarks, encodeMarks, type MarksOwner } from "./marks-file.ts";
import type { MarksStore } from "./marks-store.ts";

/** Whose marks a folder is to hold. */
export interface DirectoryMarksOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly client: ClientId;
  /** Ed25519 public key of the federation authority, 32 bytes: what its digest is of is public. */
  readonly authorityPublicKey: Uint8Array;
}

/**
 * A {@link MarksStore} in a folder that it holds until it is closed: the file `marks.json`, read now and replaced at every `save`.
 * @throws FlError naming the file when it is damaged or another client's, or the folder when another process holds it
 */
export async function openDirectoryMarks({ folder, client, authorityPublicKey }: DirectoryMarksOptions): Promise<MarksStore> {
  const at = resolve(folder);
  const file = join(at, "marks.json");
  const owner = { client, authority: sha256Digest(authorityPublicKey) };
  await makeFolder(at, 0o700);
  const lock = await lockFolder(at);
  let last: Remembered | null;
  try {
    await removeFile(`${file}${partialSuffix}`);
    last = await readMarks(file, owner);
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
  let isOpen = true;
  return {
    load: async () => last,
    async save(remembered) {
      if (!isOpen) throw new FlError("failed-precondition", `${file} is closed`);
      await replaceFile(file, encodeMarks(owner, remembered));
      last = remembered;
    },
    async close() {
      isOpen = false;
      await lock.release();
    },
  };
}

async function readMarks(file: string, owner: MarksOwner): Promise<Remembered | null> {
  const bytes = await readIfThere(file);
  if (bytes === null) return null;
  try {
    return decodeMarks(bytes, owner, file);
  } catch (thrown) {
    const cause = toFlError(thrown);
    throw new FlError(cause.code, `${cause.message}\n${whatToDo}`, { cause });
  }
}

const whatToDo =
  "this client does not start: one that forgets its marks could take part twice with one update; " +
  'do not delete the file before you have read "The state directory" in docs/join-as-a-client.md';
