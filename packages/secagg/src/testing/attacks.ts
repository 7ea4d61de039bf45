import { equalBytes, hasMember, membersOf, toHex } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { attestationStatement } from "../attestation.ts";
import { type Attested, attest } from "../client/attesting.ts";
import { reveal } from "../client/revealing.ts";
import type { AttestingState, RevealingState } from "../client/state.ts";
import { type MasksPrepared, prepareMasks, signHeader } from "../client/submitting.ts";
import type { MaskStreams } from "../masking.ts";
import type { ConsistencySignature, MaskedHeader, RevealedShare, SignedHeader } from "../messages.ts";
import { maskRequestFor } from "../server/collecting.ts";
import { closeShares, receiveShares } from "../server/sharing.ts";
import type { CollectingServer } from "../server/state.ts";
import { type SharingStage, value } from "../session-fixture.ts";
import { signStatement } from "../statement.ts";
import { type CoordinatorView, type MaskRow, maskName, maskRow } from "./opened-sums.ts";

/** A coordinator that may tell each client something else, and passes on everything that helps it. */
export interface Attack {
  /** Clients in league with it: it has all they hold, and they sign whatever it asks for. */
  readonly corrupt: ReadonlySet<number>;
  /** By client: which U2 it is told; null leaves it out. */
  readonly dealers: readonly (readonly number[] | null)[];
  /** By client: the dealers whose shares are kept from it. */
  readonly hidden: readonly (readonly number[])[];
  /** By client: which U3 it is told, once `senders` have sent a contribution; null leaves it out. */
  readonly survivors: (senders: readonly number[]) => readonly (readonly number[] | null)[];
}

/** What an attack came to. */
export interface AttackOutcome {
  readonly view: CoordinatorView;
  /** The honest client behind each row of the view. */
  readonly senders: readonly number[];
  /** Which U3 each client was told. */
  readonly told: readonly (readonly number[] | null)[];
  /** Honest clients that revealed shares. */
  readonly revealed: readonly number[];
  /** Clients both of whose secrets the coordinator can rebuild. */
  readonly exposed: readonly number[];
}

/** A cohort that has dealt its shares, and what each client was ever told about them: its seeds are fixed, so it answers the same again. */
export interface Target {
  readonly sharing: SharingStage;
  /** With everybody's shares. */
  readonly server: CollectingServer;
  readonly answers: Map<string, Answer | null>;
  /** What corrupt clients signed. */
  readonly bought: Map<string, Uint8Array>;
}

/** What a client gave for its part of U2. */
interface Answer {
  readonly row: MaskRow;
  readonly masks: MaskStreams;
  readonly header: MaskedHeader;
  readonly state: AttestingState;
}

/** A target that nobody has told anything yet. */
export function targetOf(sharing: SharingStage): Target {
  const dealt = sharing.bundles.reduce((state, bundle, dealer) => value(receiveShares(state, dealer, bundle)).state, sharing.server);
  return { sharing, server: value(closeShares(dealt)), answers: new Map(), bought: new Map() };
}

/** Plays the attack against clients that each keep to the protocol. */
export function attack(target: Target, script: Attack): AttackOutcome {
  const answers = new Map<number, Answer>();
  for (const [index, dealers] of script.dealers.entries()) {
    const answer = dealers?.includes(index) === true ? answerOf(target, index, { dealers, hidden: script.hidden[index]! }) : null;
    if (answer !== null) answers.set(index, answer);
  }
  const told = script.survivors([...answers.keys()]);
  const attested = attestedBy(answers, told);
  const revealed = new Map<number, readonly RevealedShare[]>();
  for (const [index, { state }] of attested) {
    if (script.corrupt.has(index)) continue;
    const signatures = [...honestSignatures(state, attested, script.corrupt), ...boughtSignatures(target, state, script.corrupt)];
    const outcome = reveal(state, { signatures, headers: headersOf(answers) });
    if (outcome.kind === "ok") revealed.set(index, outcome.value.reveal.shares);
  }
  const honest = [...answers].filter(([index]) => !script.corrupt.has(index));
  const { known, exposed } = knowledgeOf(target, { answers, revealed, corrupt: script.corrupt });
  return {
    view: { rows: honest.map(([, { row }]) => row), known },
    senders: honest.map(([index]) => index),
    told,
    revealed: [...revealed.keys()],
    exposed,
  };
}

function answerOf(
  { sharing, server, answers }: Target,
  index: number,
  told: { readonly dealers: readonly number[]; readonly hidden: readonly number[] },
): Answer | null {
  const name = `${index} of ${told.dealers.join()} without ${told.hidden.join()}`;
  const known = answers.get(name);
  if (known !== undefined) return known;
  const dealers = membersOf(sharing.bundles.length, told.dealers);
  const { dealt } = maskRequestFor(server, index);
  const shown = dealt.filter(({ dealer }) => hasMember(dealers, dealer) && !told.hidden.includes(dealer));
  const prepared = prepareMasks(sharing.states[index]!, { dealers, dealt: shown });
  const answer = prepared.kind === "refused" ? null : answerWith(index, prepared.value);
  answers.set(name, answer);
  return answer;
}

function answerWith(index: number, { masks, state }: MasksPrepared): Answer {
  return { row: maskRow(masks), masks, ...signHeader(state, sha256Digest(Uint8Array.of(index % 256, index >> 8))) };
}

function attestedBy(answers: ReadonlyMap<number, Answer>, told: readonly (readonly number[] | null)[]): ReadonlyMap<number, Attested> {
  const attested = new Map<number, Attested>();
  for (const [index, { state }] of answers) {
    const survivors = told[index];
    if (survivors === null || survivors === undefined) continue;
    const outcome = attest(state, { survivors: membersOf(told.length, survivors) });
    if (outcome.kind === "ok") attested.set(index, outcome.value);
  }
  return attested;
}

/** Every honest signature over this client's survivors. */
function honestSignatures(
  { survivorsDigest }: RevealingState,
  attested: ReadonlyMap<number, Attested>,
  corrupt: ReadonlySet<number>,
): readonly ConsistencySignature[] {
  const alike = [...attested].filter(([index, { state }]) => !corrupt.has(index) && equalBytes(state.survivorsDigest, survivorsDigest));
  return alike.map(([index, { signature }]) => ({ index, signature }));
}

/** The signatures that the corrupt ones among this client's survivors make for it. */
function boughtSignatures(
  { sharing, bought }: Target,
  { survivors, survivorsDigest, seat }: RevealingState,
  corrupt: ReadonlySet<number>,
): readonly ConsistencySignature[] {
  const { contextDigest } = seat.cohort;
  return [...corrupt]
    .filter((index) => hasMember(survivors, index))
    .map((index) => {
      const name = `${index} over ${toHex(survivorsDigest)}`;
      const { sign } = sharing.states[index]!.seat;
      const signature = bought.get(name) ?? signStatement(contextDigest, attestationStatement(survivorsDigest), sign);
      bought.set(name, signature);
      return { index, signature };
    });
}

function headersOf(answers: ReadonlyMap<number, Answer>): readonly SignedHeader[] {
  return [...answers].map(([index, { header }]) => ({ index, header }));
}

interface Gathered {
  readonly answers: ReadonlyMap<number, Answer>;
  readonly revealed: ReadonlyMap<number, readonly RevealedShare[]>;
  readonly corrupt: ReadonlySet<number>;
}

/** The masks whose keys follow from what was revealed, and from what corrupt clients hold. */
function knowledgeOf(
  { sharing }: Target,
  gathered: Gathered,
): { readonly known: ReadonlySet<string>; readonly exposed: readonly number[] } {
  const known = new Set<string>();
  const exposed: number[] = [];
  const { threshold } = sharing.server.cohort.parameters;
  for (const owner of sharing.bundles.keys()) {
    const isCorrupt = gathered.corrupt.has(owner);
    const wholeSeed = gathered.revealed.get(owner)?.some((share) => share.owner === owner) === true;
    const self = isCorrupt || wholeSeed || holdersOf(sharing, owner, { ...gathered, kind: "self" }) >= threshold;
    const mask = isCorrupt || holdersOf(sharing, owner, { ...gathered, kind: "mask" }) >= threshold;
    if (self && mask && !isCorrupt) exposed.push(owner);
    const answer = gathered.answers.get(owner);
    if (self && answer !== undefined) known.add(maskName(answer.masks[0]!.key));
    if (mask) for (const name of pairNames(owner, sharing, gathered.answers)) known.add(name);
  }
  return { known, exposed };
}

/** How many shares of one kind of the owner's secret the coordinator has: each from another holder, so at another coordinate. */
function holdersOf(
  sharing: SharingStage,
  owner: number,
  { revealed, corrupt, kind }: Gathered & { readonly kind: RevealedShare["kind"] },
): number {
  return sharing.bundles[owner]!.holders.filter(
    (holder) => corrupt.has(holder) || revealed.get(holder)?.some((share) => share.owner === owner && share.kind === kind) === true,
  ).length;
}

/** The masks that the owner shares with anybody: those it agreed on itself, and those in an answer under which it was told who else picked it. */
function pairNames(owner: number, sharing: SharingStage, answers: ReadonlyMap<number, Answer>): readonly string[] {
  const agreed = sharing.states[owner]!.peers.map(({ pairKey }) => maskName(pairKey));
  const pickedBy = [...answers.keys()].flatMap((other) =>
    sharing.states[other]!.peers.filter(({ peer }) => peer === owner).map(({ pairKey }) => maskName(pairKey)),
  );
  return [...agreed, ...pickedBy];
}
