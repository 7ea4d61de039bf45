import { assertNever, type ClientId, hasMember } from "@sotto/base";
import { encodePlan, type Instruction } from "@sotto/protocol";
import { type MaskRequest, maskRequestFor, type RevealRequest, type SignedHeader } from "@sotto/secagg";
import { modelBytes } from "./hospitals.ts";
import { advertsOf, collecting, indexIn, membersIn, parametersOf, type Session } from "./session.ts";

// What a coordinator honestly tells in a session, made of what it heard. A script takes it from here and lies.

/** The clients without some of them. */
export function without(clients: readonly ClientId[], ...left: readonly ClientId[]): readonly ClientId[] {
  return clients.filter((client) => !left.includes(client));
}

/** What a client is told at S2 of these dealers, of whom it was dealt what they dealt it. */
export function mask(session: Session, client: ClientId, dealers: readonly ClientId[] = session.dealers): MaskRequest {
  const members = membersIn(session, dealers);
  const { dealt } = maskRequestFor(collecting(session), indexIn(session, client));
  return { dealers: members, dealt: dealt.filter(({ dealer }) => hasMember(members, dealer)) };
}

/** What a client is told at S4: the signatures of a quorum, and the headers of the other survivors. */
export function reveal(session: Session, client: ClientId, signers: readonly ClientId[] = quorumOf(session)): RevealRequest {
  const others = without(session.survivors, client, ...signers);
  return {
    signatures: signers.map((signer) => ({ index: indexIn(session, signer), signature: session.attestations.get(signer)! })),
    headers: others.map((sender) => headerOf(session, sender)),
  };
}

/** The first to attest, in the cohort's order: as many as a quorum. */
export function quorumOf(session: Session): readonly ClientId[] {
  return [...session.attestations.keys()].sort().slice(0, parametersOf(session).quorum);
}

/** A client's header, as it was uploaded. */
export function headerOf(session: Session, client: ClientId): SignedHeader {
  return { index: indexIn(session, client), header: session.uploads.get(client)!.declaration.header };
}

/** The stages of a session, by the instruction that begins each. */
export const stages = ["train", "advertise", "share-keys", "mask", "attest", "reveal"] as const;

/** One of {@link stages}. */
export type Stage = (typeof stages)[number];

/** The instruction of one stage. */
export type Order<S extends Stage = Stage> = Extract<Instruction, { kind: S }>;

/** The honest instruction that begins a round or a session of it. */
export function beginning(kind: "train" | "advertise", { position, plan, roster, context }: Session): Order<"train" | "advertise"> {
  if (kind === "advertise") return { kind, position, context };
  const { modelDigest } = context;
  return { kind, position, plan: encodePlan(plan), modelDigest, modelSizeBytes: modelBytes.length, rosterDigest: roster.digest };
}

/** The honest instruction of a stage. */
export function relayed(stage: Stage, session: Session, client: ClientId): Order {
  const { position } = session;
  switch (stage) {
    case "train":
    case "advertise":
      return beginning(stage, session);
    case "share-keys":
      return { kind: stage, position, adverts: advertsOf(session) };
    case "mask":
      return { kind: stage, position, request: mask(session, client) };
    case "attest":
      return { kind: stage, position, request: { survivors: membersIn(session, session.survivors) } };
    case "reveal":
      return { kind: stage, position, request: reveal(session, client) };
    default:
      return assertNever(stage);
  }
}
