import { FlError, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { AdminFace, Answer, BlobStream, CoordinatorFace, Position, UploadDeclaration } from "@sotto/protocol";

// What the cases of the contract, and the tests of single transports, are made of.

/** Both faces of a coordinator. */
export interface Faces {
  readonly coordinator: CoordinatorFace;
  readonly admin: AdminFace;
}

/** The same faces from the other end of a transport. */
export interface Connection extends Faces {
  close(): Promise<void>;
}

/** Uses a transport to faces of which some methods are given, and closes it. */
export type Run = (faces: Parameters<typeof facesWith>[0], use: (connection: Connection) => Promise<void>) => Promise<void>;

/** One thing that every transport does. */
export interface Case {
  readonly name: string;
  readonly check: (run: Run) => Promise<void>;
}

/** Makes a transport to the given faces. */
export type Connect = (faces: Faces) => Promise<Connection>;

/** Faces of which some methods are given; the others are `unimplemented`. */
export function facesWith({
  coordinator,
  admin,
}: {
  readonly coordinator?: Partial<CoordinatorFace>;
  readonly admin?: Partial<AdminFace>;
}): Faces {
  const none = (): Promise<never> => Promise.reject(new FlError("unimplemented", "this face does not do that"));
  return {
    coordinator: { next: none, submit: none, upload: none, downloadModel: none, roster: none, ...coordinator },
    admin: { submitTask: none, listTasks: none, watchTask: none, stopTask: none, model: none, ...admin },
  };
}

/** A position for tests. */
export const position: Position = { task: parseTaskId("hearts"), round: parseRoundNumber(3), session: parseSessionNumber(0) };

/** A declaration that the given bytes fulfil. */
export function declare(contribution: Uint8Array): UploadDeclaration {
  const contributionDigest = sha256Digest(contribution);
  const header = { contributionDigest, complaints: [2, 5], heldRoot: new Uint8Array(32).fill(7), signature: new Uint8Array(64).fill(9) };
  return { position, header, sizeBytes: contribution.length };
}

/** Bytes that differ from one another. */
export function patterned(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) bytes[i] = i * 31 + (i >>> 8);
  return bytes;
}

/** The bytes in pieces of one size. */
export async function* pieces(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += sizeBytes) yield bytes.subarray(start, start + sizeBytes);
}

/** All the bytes of a stream; `onChunk` hears of each. */
export async function collect(chunks: AsyncIterable<Uint8Array>, onChunk: () => void = () => undefined): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    parts.push(chunk);
    onChunk();
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** A promise and what settles it. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Round trips until `progress` has stood still for many of them: what has been set going has come to a stop. */
export async function untilStill(progress: () => number, roundTrip: () => Promise<unknown>): Promise<void> {
  const quietRounds = 30;
  for (let quiet = 0, before = -1; quiet < quietRounds; quiet = progress() === before ? quiet + 1 : 0) {
    before = progress();
    await roundTrip();
  }
}

/** A signal that never aborts. */
export const live = (): AbortSignal => new AbortController().signal;
/** What most uploads and submissions here are answered. */
export const accepted: Answer = { kind: "accepted" };

/** The bytes as a face hands them out; `chunks` in place of the bytes, where they are to differ. */
export function blobOf(bytes: Uint8Array, chunks: AsyncIterable<Uint8Array> = pieces(bytes, 100_000)): BlobStream {
  return { digest: sha256Digest(bytes), sizeBytes: bytes.length, chunks };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
