import { FlError } from "@sotto/base";
import type { CoordinatorFace, Submission } from "@sotto/protocol";

/** What a client sends in a round, in order: it can be lost before any of them. */
export const stages = ["ready", "advert", "shares", "contribution", "attestation", "reveal"] as const;

/** A thing that a client sends in a round. */
export type Stage = (typeof stages)[number];

/** A client's process ends in this round, just before it would have sent this. */
export interface Fault {
  readonly round: number;
  readonly before: Stage;
}

/**
 * The coordinator as a client with this fault reaches it. Instead of the fatal call `die` is called, and from then on nothing
 * gets through: a process that was killed says no goodbye.
 */
export function faceWithFault(face: CoordinatorFace, fault: Fault, die: () => void): CoordinatorFace {
  let isDead = false;
  const alive = <T>(fatal: boolean, call: () => Promise<T>): Promise<T> => {
    if (fatal && !isDead) {
      isDead = true;
      die();
    }
    return isDead ? Promise.reject(new FlError("unavailable", "this client's process has ended")) : call();
  };
  const isFatal = (stage: Submission["kind"] | Stage, round: number): boolean => stage === fault.before && round === fault.round;
  return {
    next: (cursor, signal) => alive(false, () => face.next(cursor, signal)),
    downloadModel: (digest, signal) => alive(false, () => face.downloadModel(digest, signal)),
    roster: (digest) => alive(false, () => face.roster(digest)),
    submit: (submission) => alive(isFatal(submission.kind, submission.position.round), () => face.submit(submission)),
    upload: (declaration, chunks, signal) =>
      alive(isFatal("contribution", declaration.position.round), () => face.upload(declaration, chunks, signal)),
  };
}
