import { parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import type { Position, Submission } from "@sotto/protocol";
import { advertise, attest, maskRequestFor, prepareMasks, reveal, revealRequestFor, shareKeys, signHeader } from "@sotto/secagg";
import { packedSize } from "@sotto/vector";
import { coordinatorMethods, limits } from "@sotto/wire";
import { atMost, type Figure, told } from "../figure.ts";
import { advertisement, dealAll, runSession, type SessionPlan, type StartedSession, seedOf, startSession, value } from "./session.ts";

const plan: SessionPlan = {
  clientCount: 100,
  tolerance: { gamma: 0.1, delta: 0.1 },
  laneCount: 1,
  quantisationBits: 16,
  lost: { sharing: 0, submitting: 0, attesting: 0, revealing: 0 },
};
const position: Position = { task: parseTaskId("bench"), round: parseRoundNumber(1), session: parseSessionNumber(0) };

/** Bytes that one of 100 clients sends in a session, as they are encoded, over those of the packed unmasked vector. */
export async function benchmarkUpload(): Promise<readonly Figure[]> {
  const session = startSession(plan);
  const messages = sentBeside(session);
  return [
    told("secagg/upload-100-beside-vector", { value: messages, unit: "bytes" }),
    ...figuresOf(session, { parameterCount: 100_000, beside: messages, max: 1.04 }),
    ...figuresOf(session, { parameterCount: 1_000_000, beside: messages, max: 1.005 }),
  ];
}

interface Vector {
  readonly parameterCount: number;
  /** Bytes of everything that is not the vector. */
  readonly beside: number;
  readonly max: number;
}

function figuresOf({ bits }: StartedSession, { parameterCount, beside, max }: Vector): readonly Figure[] {
  const packed = packedSize({ laneCount: parameterCount, bits });
  const sent = beside + chunkedSize(packed);
  const id = (name: string): string => `secagg/upload-100-${parameterCount}-${name}`;
  return [
    atMost(id("over-packed"), { value: sent / packed, unit: "ratio", max }),
    atMost(id("over-float32"), { value: sent / (4 * parameterCount), unit: "ratio", max: 0.75 }),
  ];
}

/** Every message of client 0 but the chunks of its contribution. */
function sentBeside(session: StartedSession): number {
  const { rule, adverts } = session;
  const collecting = dealAll(session).server;
  const unmasking = runSession(session).server;
  const advertised = advertise(advertisement(0));
  const shared = value(shareKeys(advertised.state, { ...rule, adverts, seed: seedOf("share", 0) }));
  const prepared = value(prepareMasks(shared.state, maskRequestFor(collecting, 0)));
  const signed = signHeader(prepared.state, sha256Digest(new Uint8Array(1)));
  const attested = value(attest(signed.state, { survivors: unmasking.survivors }));
  const revealed = value(reveal(attested.state, revealRequestFor(unmasking, 0)));
  const submissions: readonly Submission[] = [
    { kind: "ready", position },
    { kind: "advert", position, advert: advertised.advert },
    { kind: "shares", position, bundle: shared.bundle },
    { kind: "attestation", position, signature: attested.signature },
    { kind: "reveal", position, reveal: revealed.reveal },
  ];
  const declaration = { kind: "declaration", declaration: { position, header: signed.header, sizeBytes: 2 ** 20 } } as const;
  const sizes = submissions.map((submission) => coordinatorMethods.submit.request.encode(submission).length);
  return sizes.reduce((sum, size) => sum + size, coordinatorMethods.uploadContribution.request.encode(declaration).length);
}

/** Bytes of a packed contribution in chunks. */
function chunkedSize(packedBytes: number): number {
  let sent = 0;
  for (let offset = 0; offset < packedBytes; offset += limits.chunkSizeBytesMax) {
    const data = new Uint8Array(Math.min(limits.chunkSizeBytesMax, packedBytes - offset));
    const last = offset + data.length === packedBytes;
    sent += coordinatorMethods.uploadContribution.request.encode({ kind: "chunk", data, last }).length;
  }
  return sent;
}
