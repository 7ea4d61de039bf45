import { FlError, type Rng, utf8 } from "@sotto/base";
import type { MarksStore } from "@sotto/client";
import { type Seed, seededRng, sha256, toSeed } from "@sotto/crypto";
import type { CoordinatorFace, Instruction } from "@sotto/protocol";

/** An instruction that a client took up, and the randomness it took it up with. */
export interface Lived {
  readonly instruction: Instruction;
  readonly seed: Seed;
}

/** The world as one process of a client has it, recorded: all that decides what it does, so that the test knows every key it ever had. */
export interface Memoir {
  readonly face: CoordinatorFace;
  readonly marks: MarksStore;
  readonly rng: Rng;
  readonly lived: readonly Lived[];
  isCut(): boolean;
  /** Cuts the process off as a kill does: nothing it does from here on reaches anybody, its own disk neither. */
  cut(): void;
  /** Cuts it off as soon as its marks are saved for the `count`th time from now. */
  cutAfterSaves(count: number): void;
}

/** Bytes of the seed that a client draws for each instruction, and for nothing else. */
const seedBytes = 32;

/** A recorded process over this face and these marks, with a generator of its own for each `name`. */
export function recording(name: string, face: CoordinatorFace, marks: MarksStore): Memoir {
  const told: Instruction[] = [];
  const lived: Lived[] = [];
  let isCut = false;
  let savesLeft = Number.POSITIVE_INFINITY;

  async function orCut<T>(call: () => Promise<T>): Promise<T> {
    if (isCut) throw new FlError("permission-denied", "this process was killed");
    return call();
  }

  return {
    face: {
      next: async (cursor, signal) => {
        const instruction = await orCut(() => face.next(cursor, signal));
        told.push(instruction);
        return instruction;
      },
      submit: (submission) => orCut(() => face.submit(submission)),
      upload: (declaration, chunks, signal) => orCut(() => face.upload(declaration, chunks, signal)),
      downloadModel: (digest, signal) => orCut(() => face.downloadModel(digest, signal)),
      roster: (digest) => orCut(() => face.roster(digest)),
    },
    marks: {
      load: () => marks.load(),
      save: async (remembered) => {
        await orCut(() => marks.save(remembered));
        savesLeft--;
        if (savesLeft === 0) isCut = true;
      },
      close: () => marks.close(),
    },
    rng: recordingRng(name, (seed) => {
      const instruction = told[lived.length];
      if (instruction !== undefined) lived.push({ instruction, seed });
    }),
    lived,
    isCut: () => isCut,
    cut() {
      isCut = true;
    },
    cutAfterSaves(count) {
      savesLeft = count;
    },
  };
}

function recordingRng(name: string, onSeed: (seed: Seed) => void): Rng {
  const rng = seededRng(sha256(utf8(name)));
  return {
    bytes(length) {
      const drawn = rng.bytes(length);
      if (length === seedBytes) onSeed(toSeed(Uint8Array.from(drawn)));
      return drawn;
    },
  };
}
