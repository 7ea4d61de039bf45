import type { ClientId } from "@sotto/base";
import { isSamePosition, type Position } from "@sotto/protocol";
import { type MaskRow, maskName, maskRow, openedSums } from "@sotto/secagg/contract";
import { expect } from "vitest";
import type { AttackedFederation } from "./attacked-federation.ts";
import type { Message } from "./scripted-coordinator.ts";
import { assertFaithful, type Secrets, secretsOf } from "./shadow.ts";

// The exact privacy test of SECAGG 3, over everything that a scripted coordinator heard: which combinations of masked contributions can it open?

/** A masked contribution that reached the coordinator. */
export interface Received {
  readonly client: ClientId;
  readonly position: Position;
  readonly row: MaskRow;
}

/** A sum that a coordinator can open. */
interface Opened {
  readonly position: Position;
  readonly clients: readonly ClientId[];
  /** Whether it is the plain sum of their contributions. */
  readonly isPlain: boolean;
}

/** Holds a federation to claim P1: of each round at most one sum opens, of enough clients; also to a coordinator in league with any one client. */
export function expectAtMostOneSum(federation: AttackedFederation): void {
  if (!federation.clients.some((client) => federation.coordinator.heardFrom(client).some(({ kind }) => kind === "upload"))) return;
  const everybody = lives(federation);
  for (const inLeague of [null, ...everybody.map(({ client }) => client)]) {
    const rounds = new Set<number>();
    for (const { position, clients, isPlain } of openedBy(federation, inLeague, everybody)) {
      expect(isPlain).toBe(true);
      expect(rounds).not.toContain(position.round);
      rounds.add(position.round);
      expect(clients.length).toBeGreaterThanOrEqual(survivorsMinAt(position, everybody) - (inLeague === null ? 0 : 1));
    }
  }
}

/** Everything that the coordinator, in league with one client or none, can open. */
export function openedBy(
  federation: AttackedFederation,
  inLeague: ClientId | null = null,
  everybody: readonly Life[] = lives(federation),
): readonly Opened[] {
  const received = everybody.filter(({ client }) => client !== inLeague).flatMap(receivedFrom);
  const known = new Set([...everybody.flatMap((life) => keysOpenedOf(life, everybody, inLeague)), ...keysOf(everybody, inLeague)]);
  const sums = openedSums({ rows: received.map(({ row }) => row), known });
  return sums.map(({ rows, isPlain }) => ({
    position: received[rows[0]!]!.position,
    clients: rows.map((row) => received[row]!.client),
    isPlain,
  }));
}

/** One client: what it sent, and what it knew in each session. */
export interface Life {
  readonly client: ClientId;
  readonly heard: readonly Message[];
  readonly secrets: readonly Secrets[];
}

/** All clients of the federation, as they are now. */
export function lives(federation: AttackedFederation): readonly Life[] {
  const { coordinator, clients } = federation;
  const heardCount = clients.reduce((count, client) => count + coordinator.heardFrom(client).length, 0);
  const known = relived.get(federation);
  if (known?.heardCount === heardCount) return known.everybody;
  const everybody = clients.map((client) => lifeOf(federation, client));
  relived.set(federation, { heardCount, everybody });
  return everybody;
}

/** Judged more than once by a test, at one length of the transcript. */
const relived = new WeakMap<AttackedFederation, { readonly heardCount: number; readonly everybody: readonly Life[] }>();

function lifeOf(federation: AttackedFederation, client: ClientId): Life {
  const { coordinator } = federation;
  const { roster } = coordinator.roster;
  const heard = [...coordinator.heardFrom(client)];
  const secrets = federation.memoirsOf(client).flatMap((memoir) => secretsOf({ client, memoir, roster }));
  for (const message of heard) {
    const entered = secrets.find(({ position }) => isSamePosition(position, message.position));
    if (entered !== undefined) assertFaithful(entered, message);
  }
  return { client, heard, secrets };
}

/** The contributions of a client: one of a session, unless it sent other bytes the second time. */
function receivedFrom({ client, heard, secrets }: Life): readonly Received[] {
  const digests = new Set<string>();
  return heard.flatMap((message) => {
    if (message.kind !== "upload") return [];
    const { position, declaration } = message;
    const { contributionDigest } = declaration.header;
    if (digests.has(contributionDigest)) return [];
    digests.add(contributionDigest);
    const { masked } = secrets.find((entered) => isSamePosition(entered.position, position))!;
    return [{ client, position, row: maskRow(masked!.masks) }];
  });
}

/** The names of the keys of one owner's masks that the shares the coordinator has give it. */
function keysOpenedOf({ client: owner, secrets }: Life, everybody: readonly Life[], inLeague: ClientId | null): readonly string[] {
  return secrets.flatMap(({ position, sharing, masked }) => {
    if (sharing === null) return [];
    const { threshold } = sharing.seat.cohort.parameters;
    const held = { self: new Set<ClientId>(), mask: new Set<ClientId>() };
    for (const holder of everybody) {
      for (const kind of kindsGivenBy(holder, { owner, position, isInLeague: holder.client === inLeague })) held[kind].add(holder.client);
    }
    const opens = (holders: ReadonlySet<ClientId>): boolean => holders.size >= threshold || holders.has(owner);
    return [
      ...(opens(held.self) && masked !== null ? [maskName(masked.masks[0]!.key)] : []),
      ...(opens(held.mask) ? sharing.peers.map(({ pairKey }) => maskName(pairKey)) : []),
    ];
  });
}

interface Asked {
  readonly owner: ClientId;
  readonly position: Position;
  readonly isInLeague: boolean;
}

/** Which shares of the owner's secrets a holder gave: both it holds, if it is in league. */
function kindsGivenBy({ heard, secrets }: Life, { owner, position, isInLeague }: Asked): readonly ("self" | "mask")[] {
  const here = secrets.find((entered) => isSamePosition(entered.position, position));
  const cohort = here?.sharing?.seat.cohort.adverts.map(({ client }) => client) ?? [];
  const index = cohort.indexOf(owner);
  const dealt = here?.masked?.request.dealt ?? [];
  if (isInLeague && dealt.some(({ dealer }) => dealer === index)) return ["self", "mask"];
  return heard.flatMap((message) => {
    if (message.kind !== "reveal" || !isSamePosition(message.position, position)) return [];
    return message.reveal.shares.filter((share) => share.owner === index).map(({ kind }) => kind);
  });
}

/** Every key of a mask that a client in league has. */
function keysOf(everybody: readonly Life[], inLeague: ClientId | null): readonly string[] {
  const secrets = everybody.filter(({ client }) => client === inLeague).flatMap((life) => life.secrets);
  return secrets.flatMap(({ sharing, masked }) => [
    ...(sharing?.peers ?? []).map(({ pairKey }) => maskName(pairKey)),
    ...(masked?.masks ?? []).map(({ key }) => maskName(key)),
  ]);
}

function survivorsMinAt(position: Position, everybody: readonly Life[]): number {
  const secrets = everybody.flatMap((life) => life.secrets).filter((entered) => isSamePosition(entered.position, position));
  return Math.min(...secrets.flatMap(({ sharing }) => (sharing === null ? [] : [sharing.seat.cohort.parameters.survivorsMin])));
}
