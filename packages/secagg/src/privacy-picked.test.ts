import fc from "fast-check";
import { expect, test } from "vitest";
import { createFixture } from "./session-fixture.ts";
import { neighboursOf } from "./share-graph.ts";
import { type Attack, type AttackOutcome, attack, targetOf } from "./testing/attacks.ts";
import { everybodyShares } from "./testing/drop-plans.ts";
import { maskName, openedSums } from "./testing/opened-sums.ts";

// The exact privacy test of SECAGG 3 where clients draw their holders, with as many dropouts and corrupt clients as are tolerated: here a coordinator has
// room to cut the graph.

const clientCount = 130;
const everybody = Array.from({ length: clientCount }, (_, index) => index);
const target = targetOf(everybodyShares(createFixture({ clientCount, tolerance: { gamma: 0.05, delta: 0.3 } })));
const { corruptMax, dropoutMax, quorum, survivorsMin, holderCount } = target.sharing.server.cohort.parameters;
const { graph, dealers: allDealers } = target.server;
const neighbours = everybody.map((index) => neighboursOf(graph, index, allDealers));

/** Everybody told the same, and nobody corrupt, but for what is changed. */
function attackWith(changes: Partial<Attack>): Attack {
  const alike = <T>(value: T): readonly T[] => everybody.map(() => value);
  return { corrupt: new Set(), dealers: alike(everybody), hidden: alike([]), survivors: () => alike(everybody), ...changes };
}

function without(set: readonly number[], gone: readonly number[]): readonly number[] {
  const left = new Set(gone);
  return set.filter((index) => !left.has(index));
}

/** The one set that opens, as cohort indices, or null when nothing does. More than one fails, and so does one that is too small. */
function openedBy(script: Attack): readonly number[] | null {
  const { view, senders, exposed }: AttackOutcome = attack(target, script);
  expect(exposed).toEqual([]);
  const open = openedSums(view);
  expect(open.length).toBeLessThanOrEqual(1);
  const [only] = open;
  if (only === undefined) return null;
  expect(only.isPlain).toBe(true);
  expect(only.rows.length).toBeGreaterThanOrEqual(survivorsMin - corruptMax);
  return only.rows.map((row) => senders[row]!);
}

/** The first few honest neighbours of a client, then others, as many as may drop. */
function dropsAround(victim: number, count: number): readonly number[] {
  return neighbours[victim]!.slice(0, count);
}

test("an honest coordinator opens exactly the survivors' sum", () => {
  const gone = everybody.filter((index) => index % 4 === 1);
  expect(gone.length).toBeLessThanOrEqual(dropoutMax);
  const survivors = without(everybody, gone);
  expect(openedBy(attackWith({ survivors: () => everybody.map(() => survivors) }))).toEqual(survivors);
});

test("a client that is told a shortened U2, so that its masks die with chosen drops, is not opened: its holders see that its header is another", () => {
  const victim = 17;
  const around = neighbours[victim]!;
  // Half of its neighbours are kept from it at S2, the other half is dropped at S3: without the check of headers its contribution would stand alone.
  expect(around.length).toBeLessThanOrEqual(2 * dropoutMax);
  const kept = around.slice(0, dropoutMax);
  const dropped = around.slice(dropoutMax);
  const survivors = without(everybody, dropped);
  const script = attackWith({
    dealers: everybody.map((index) => (index === victim ? without(everybody, kept) : everybody)),
    survivors: () => everybody.map(() => survivors),
  });
  const { view, senders, revealed } = attack(target, script);
  expect(openedBy(script)).toBeNull();
  expect(revealed.filter((index) => around.includes(index))).toEqual([]);
  // With the victim's self mask, which its neighbours keep back, the coordinator would have it.
  const answer = view.rows[senders.indexOf(victim)]!;
  const pairs = new Set(target.sharing.states.flatMap(({ peers }) => peers.map(({ pairKey }) => maskName(pairKey))));
  const selfMask = [...answer.keys()].find((name) => !pairs.has(name))!;
  expect([...answer.keys()].length).toBe(1 + dropped.length);
  const deadMasks = dropped.flatMap((index) => target.sharing.states[index]!.peers.map(({ pairKey }) => maskName(pairKey)));
  const victims = target.sharing.states[victim]!.peers.map(({ pairKey }) => maskName(pairKey));
  const known = new Set([...view.known, selfMask, ...deadMasks, ...victims]);
  expect(openedSums({ ...view, known }).map(({ rows }) => rows.map((row) => senders[row]))).toContainEqual([victim]);
});

test("as many drops around one client as are tolerated do not cut it off", () => {
  for (const victim of [0, 64, 129]) {
    const dropped = dropsAround(victim, dropoutMax);
    const survivors = without(everybody, dropped);
    expect(openedBy(attackWith({ survivors: () => everybody.map(() => survivors) }))).toEqual(survivors);
  }
});

test("as many drops as are tolerated, chosen one by one to part a group from the others, part none, corrupt clients or not", () => {
  for (const [start, corrupt] of [
    [3, []],
    [77, everybody.slice(0, corruptMax)],
  ] as const) {
    const dropped = greedyCut(start, new Set(corrupt));
    expect(dropped.length).toBe(dropoutMax);
    const survivors = without(everybody, dropped);
    const script = attackWith({ corrupt: new Set(corrupt), survivors: () => everybody.map(() => survivors) });
    expect(openedBy(script)).toEqual(without(survivors, corrupt));
  }
});

/** Grows a group from one client, by whoever has the fewest neighbours outside it, and drops those outside while it may. */
function greedyCut(start: number, corrupt: ReadonlySet<number>): readonly number[] {
  const group = new Set([start]);
  const boundaryOf = (members: ReadonlySet<number>): readonly number[] => [
    ...new Set([...members].flatMap((member) => neighbours[member]!.filter((peer) => !members.has(peer) && !corrupt.has(peer)))),
  ];
  for (let size = 1; size < 8; size++) {
    const candidates = boundaryOf(group).map((peer) => ({ peer, cost: boundaryOf(new Set([...group, peer])).length }));
    group.add(candidates.reduce((best, one) => (one.cost < best.cost ? one : best)).peer);
  }
  return boundaryOf(group).slice(0, dropoutMax);
}

test("a client that is alive to some and dropped to others is opened to neither: no two sets have a quorum, even with every corrupt client signing both", () => {
  const corrupt = everybody.slice(-corruptMax);
  const victim = 40;
  const rival = without(everybody, [victim]);
  for (const split of [clientCount / 2, quorum - corruptMax, quorum - corruptMax - 1]) {
    const told = everybody.map((index) => (index < split || index === victim ? everybody : rival));
    const script = attackWith({ corrupt: new Set(corrupt), survivors: () => told });
    const opened = openedBy(script);
    if (opened !== null) expect([everybody, rival].map((set) => without(set, corrupt))).toContainEqual(opened);
  }
});

test("dealers that are hidden from those they picked leave the coordinator with nothing or with the one sum", () => {
  const victim = 90;
  const { holders } = target.sharing.bundles[victim]!;
  const hiddenFrom = (who: readonly number[]): Attack =>
    attackWith({ hidden: everybody.map((index) => (who.includes(index) ? [victim] : [])) });
  // A holder that did not pick the victim knows no mask with it then, and the victim's mask stays alone in the sum.
  const strangers = holders.filter((holder) => !target.sharing.bundles[holder]!.holders.includes(victim));
  expect(strangers.length).toBeGreaterThan(0);
  expect(openedBy(hiddenFrom(holders))).toBeNull();
  expect(openedBy(hiddenFrom(strangers.slice(0, 1)))).toBeNull();
  // Those that picked the victim too mask with it all the same: they only hold one share less.
  const mutual = holders.filter((holder) => !strangers.includes(holder));
  expect(holderCount - mutual.length).toBeGreaterThan(0);
  expect(openedBy(hiddenFrom(mutual))).toEqual(everybody);
});

test("drops chosen after the contributions are in, around whoever sent none, open nothing but the sum of those that are left", () => {
  const silent = [5, 50, 100];
  const dealers = everybody.map((index) => (silent.includes(index) ? null : everybody));
  const survivors = (senders: readonly number[]): readonly (readonly number[])[] => {
    const dropped = dropsAround(silent[0]!, dropoutMax - silent.length).filter((index) => senders.includes(index));
    const left = without(senders, dropped);
    return everybody.map(() => left);
  };
  const opened = openedBy(attackWith({ dealers, survivors }));
  expect(opened).not.toBeNull();
  expect(opened!.length).toBeGreaterThanOrEqual(survivorsMin);
  for (const index of silent) expect(opened).not.toContain(index);
});

test("whatever a coordinator and its corrupt clients tell to whom, it opens nothing but one sum over enough honest clients", {
  timeout: 120_000,
}, () => {
  const subset = (minLength: number, maxLength: number) => fc.shuffledSubarray([...everybody], { minLength, maxLength });
  const scripts = fc.record({
    corrupt: subset(0, corruptMax),
    // Of a few sets, so that most clients were asked the same before and need not answer anew.
    notDealing: fc.constantFrom<readonly number[]>([], [1, 2, 3], everybody.slice(60, 60 + dropoutMax)),
    fooled: subset(0, 3),
    hiddenFrom: subset(0, 2),
    lost: subset(0, dropoutMax),
    rivalsLost: subset(0, dropoutMax),
    rivals: fc.constantFrom(0, 0, 30, 60),
  });
  let opened = 0;
  fc.assert(
    fc.property(scripts, ({ corrupt, notDealing, fooled, hiddenFrom, lost, rivalsLost, rivals }) => {
      const usual = without(everybody, notDealing);
      const survivors = (senders: readonly number[]): readonly (readonly number[])[] => {
        const most = without(senders, lost.slice(0, dropoutMax - notDealing.length));
        const others = without(senders, rivalsLost.slice(0, dropoutMax - notDealing.length));
        return everybody.map((index) => (index < rivals ? others : most));
      };
      const dealers = everybody.map((index) => (fooled.includes(index) ? everybody : usual));
      const hidden = everybody.map((index) => (hiddenFrom.includes(index) ? [usual[0]!] : []));
      if (openedBy({ corrupt: new Set(corrupt), dealers, hidden, survivors }) !== null) opened++;
    }),
    { numRuns: 6, seed: 3 },
  );
  expect(opened).toBeGreaterThan(1);
});
