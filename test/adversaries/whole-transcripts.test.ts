import type { ClientId } from "@sotto/base";
import { contributionShapeOf } from "@sotto/protocol";
import { Accumulator, removeMasksInto, unmask } from "@sotto/secagg";
import { aggregateErrorBound, decodeSum, laneBits } from "@sotto/vector";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AttackedFederation } from "./attacked-federation.ts";
import { contributionOf, hospitals, other, plan, victim } from "./hospitals.ts";
import { eachOf, toldToAll } from "./lie.ts";
import { type Life, lives, openedBy } from "./privacy.ts";
import { underAttack } from "./promise.ts";
import { headerOf, mask, without } from "./relayed.ts";
import type { Tell } from "./scripted-coordinator.ts";
import { cohortOf, indexIn, membersIn, must, parametersOf, type Session, unmasking } from "./session.ts";

// What the script does where it does not lie, and whether the judgement of transcripts sees a leak: else no test of a lie would be worth anything.

/** Runs `body` after an honest session, or one in which the coordinator calls somebody dropped. */
async function afterSession(dropped: readonly ClientId[], body: (federation: AttackedFederation, session: Session) => void): Promise<void> {
  const federation = new AttackedFederation();
  try {
    body(federation, await federation.coordinator.play({ lies: { survivors: (heard) => without(heard, ...dropped) } }));
  } finally {
    await federation.close();
  }
}

/** The survivors' weighted mean, as an honest coordinator opens it, and as float64 has it. */
function means(session: Session): { readonly opened: Float64Array; readonly exact: Float64Array; readonly bound: number } {
  const { server, survivors } = { server: unmasking(session), survivors: session.survivors };
  const shape = contributionShapeOf(plan);
  const bits = laneBits({ cohortSize: cohortOf(session).length, quantisationBits: plan.contribution.quantisationBits });
  const sum = new Accumulator({ laneCount: shape.laneCount, bits });
  for (const client of survivors) sum.add(session.uploads.get(client)!.bytes);
  const unmasked = removeMasksInto(sum.sum(), must(unmask(server)), bits);
  const decoded = must(decodeSum({ sum: unmasked, rule: plan.contribution, shape, bits, survivors: survivors.length }));
  const contributions = survivors.map(contributionOf);
  const weight = contributions.reduce((total, one) => total + one.weight, 0);
  const exact = decoded.updateMean!.map((_, i) => contributions.reduce((total, one) => total + one.weight * one.update![i]!, 0) / weight);
  const bound = aggregateErrorBound({ rule: plan.contribution, survivors: survivors.length, weight: decoded.weight });
  return { opened: decoded.updateMean!, exact, bound };
}

test.each([
  ["with nothing to refuse", []],
  ["with one of them called dropped", [other]],
] as const)("%s, the survivors do all they are asked for, and their exact mean is all that opens", async (_, dropped) => {
  await afterSession(dropped, (federation, session) => {
    const survivors = without(hospitals, ...dropped);
    expect(federation.refusing).toEqual([]);
    expect(survivors.filter((client) => federation.doneBy(client).length === 1)).toEqual(survivors);
    expect(openedBy(federation)).toEqual([{ position: session.position, clients: survivors, isPlain: true }]);
    const { opened, exact, bound } = means(session);
    expect(opened).toHaveLength(5);
    for (const [i, value] of opened.entries()) expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(bound);
  });
});

/** The clients with what one holder revealed more: its share of the other secret of somebody. */
function withRevealed(
  everybody: readonly Life[],
  session: Session,
  { from, owner }: { readonly from: ClientId; readonly owner: ClientId },
): Life[] {
  const share = { owner: indexIn(session, owner), kind: "mask", share: new Uint8Array(32) } as const;
  const reveal = { shares: [share], signature: new Uint8Array(64) };
  const { position } = session;
  return everybody.map((life) => (life.client === from ? { ...life, heard: [...life.heard, { kind: "reveal", position, reveal }] } : life));
}

test("the judgement sees a coordinator that comes by both secrets of one client: from the threshold of shares on, and not one share before", async () => {
  await afterSession([], (federation, session) => {
    const { threshold } = parametersOf(session);
    const holders = without(hospitals, victim).slice(0, threshold);
    const some = holders
      .slice(1)
      .reduce((everybody: readonly Life[], from) => withRevealed(everybody, session, { from, owner: victim }), lives(federation));
    expect(openedBy(federation, null, some)).toMatchObject([{ clients: hospitals }]);
    const enough = withRevealed(some, session, { from: holders[0]!, owner: victim });
    const opened = openedBy(federation, null, enough).map(({ clients }) => clients);
    expect(opened).toContainEqual([victim]);
    expect(opened).toHaveLength(2);
  });
});

test("a client in league with the coordinator can take its own contribution away from the sum, and open no other", async () => {
  await afterSession([], (federation) => {
    for (const client of hospitals) expect(openedBy(federation, client)).toMatchObject([{ clients: without(hospitals, client) }]);
  });
});

/** Whom a coordinator tells what: of two sets of dealers and two of survivors, each client is told one of each. */
interface Script {
  readonly dealers: readonly [readonly ClientId[], readonly ClientId[]];
  readonly survivors: readonly [readonly ClientId[], readonly ClientId[]];
  /** By client: which of the two it is told. */
  readonly dealersTold: readonly (0 | 1)[];
  readonly survivorsTold: readonly (0 | 1)[];
}

/** All but at most two clients: what a client that keeps to its policy can accept. */
const enough = fc.shuffledSubarray([...hospitals], { minLength: 5, maxLength: 7 }).map((clients) => clients.toSorted());

/** Most are told the first of two sets, so that the lies fit together often enough to matter. */
const told = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(0 as const) }, { weight: 1, arbitrary: fc.constant(1 as const) }), {
  minLength: 7,
  maxLength: 7,
});

const script: fc.Arbitrary<Script> = fc.record({
  dealers: fc.tuple(fc.constant(hospitals), enough),
  survivors: fc.tuple(enough, enough),
  dealersTold: told,
  survivorsTold: told,
});

/** Tells the script's sets, and to each client the signatures of all who were told what it was told. */
function telling({ dealers, survivors, dealersTold, survivorsTold }: Script): Tell {
  const place = (client: ClientId): number => hospitals.indexOf(client);
  const dealersOf = (client: ClientId): readonly ClientId[] => dealers[dealersTold[place(client)]!];
  const survivorsOf = (client: ClientId): readonly ClientId[] => {
    return survivors[survivorsTold[place(client)]!].filter((survivor) => dealersOf(client).includes(survivor));
  };
  const isToldTheSame = (a: ClientId, b: ClientId): boolean => {
    return dealersOf(a).join() === dealersOf(b).join() && survivorsOf(a).join() === survivorsOf(b).join();
  };
  const signersFor = (session: Session, to: ClientId): readonly ClientId[] => {
    return [...session.attestations.keys()].filter((signer) => survivorsOf(to).includes(signer) && isToldTheSame(signer, to));
  };
  return eachOf(
    toldToAll("mask", (honest, session, to) => ({ ...honest, request: mask(session, to, dealersOf(to)) })),
    toldToAll("attest", (honest, session, to) => ({ ...honest, request: { survivors: membersIn(session, survivorsOf(to)) } })),
    toldToAll("reveal", (honest, session, to) => {
      const signers = signersFor(session, to);
      const signatures = signers.map((signer) => ({ index: indexIn(session, signer), signature: session.attestations.get(signer)! }));
      const others = without(survivorsOf(to), to, ...signers).filter((client) => session.uploads.has(client));
      return { ...honest, request: { signatures, headers: others.map((client) => headerOf(session, client)) } };
    }),
  );
}

test("whatever two sets of dealers and of survivors a coordinator tells to whom, its clients open it at most one sum", {
  timeout: 60_000,
}, async () => {
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(script, async (lies) => {
      await underAttack({}, async (federation) => {
        await federation.coordinator.play({ lies: { tell: telling(lies) } });
        opened += openedBy(federation).length;
      });
    }),
    { numRuns: 8, seed: 4 },
  );
  // The seed is fixed, so that this stays a test of something: some scripts come to a sum, and some to none.
  expect(opened).toBeGreaterThan(1);
  expect(opened).toBeLessThan(8);
});
