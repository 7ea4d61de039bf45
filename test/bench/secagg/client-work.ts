import { utf8 } from "@sotto/base";
import { ed25519Verifier, seededRng, sha256, sha256Digest } from "@sotto/crypto";
import { advertise, attest, maskInto, maskRequestFor, prepareMasks, reveal, revealRequestFor, shareKeys, signHeader } from "@sotto/secagg";
import { clipUpdate, contributionShape, encodeContribution, packLanes, toUpdate } from "@sotto/vector";
import { atMost, type Figure, told } from "../figure.ts";
import { measure } from "./measure.ts";
import { advertisement, dealAll, runSession, type SessionPlan, type StartedSession, seedOf, startSession, value } from "./session.ts";

const parameterCount = 100_000;
const rule = { clipNorm: 1, weightMax: 500, quantisationBits: 16 };
const shape = contributionShape({ parameterCount, scalarCount: 4 });
const plan: SessionPlan = {
  clientCount: 100,
  tolerance: { gamma: 0.1, delta: 0.1 },
  // What the coordinator adds up is not this benchmark's: one lane stands for its contributions.
  laneCount: 1,
  quantisationBits: rule.quantisationBits,
  lost: { sharing: 0, submitting: 0, attesting: 0, revealing: 0 },
};

/** All that one of 100 clients does in a session, from its keys to its shares, with 100,000 parameters. */
export async function benchmarkClientWork(): Promise<readonly Figure[]> {
  const session = startSession(plan);
  const collecting = dealAll(session).server;
  const ready = runSession(session);
  const cost = await measure(
    () => undefined,
    () => takePart(session, { collecting, unmasking: ready.server }),
  );
  return [
    atMost("secagg/client-work-100", { value: cost.cpuMs, unit: "ms CPU", max: 60 }),
    told("secagg/client-work-100-wall", { value: cost.wallMs, unit: "ms" }),
  ];
}

interface Requests {
  readonly collecting: ReturnType<typeof dealAll>["server"];
  readonly unmasking: ReturnType<typeof runSession>["server"];
}

/** Client 0, which remembers no signature that another client checked. */
function takePart({ rule: cohortRule, adverts, bits }: StartedSession, { collecting, unmasking }: Requests): void {
  const advertised = advertise(advertisement(0));
  const shared = value(shareKeys(advertised.state, { ...cohortRule, verifierOf: ed25519Verifier, adverts, seed: seedOf("share", 0) }));
  const prepared = value(prepareMasks(shared.state, maskRequestFor(collecting, 0)));
  const packed = packLanes(maskInto(encode(bits), prepared.masks), bits);
  const signed = signHeader(prepared.state, sha256Digest(packed));
  const attested = value(attest(signed.state, { survivors: unmasking.survivors }));
  value(reveal(attested.state, revealRequestFor(unmasking, 0)));
}

function encode(bits: number): ReturnType<typeof encodeContribution> {
  const update = clipUpdate(toUpdate(new Float32Array(parameterCount).fill(0.001)), rule.clipNorm);
  const rng = seededRng(sha256(utf8("rounding")));
  return encodeContribution({ update, weight: 100, scalars: [1, 2, 3, 4], rule, shape, bits, rng });
}
