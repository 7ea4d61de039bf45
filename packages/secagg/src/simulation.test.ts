import fc from "fast-check";
import { expect, test } from "vitest";
import { createFixture, type Fixture, keyingStage, plainSum, seedOf } from "./session-fixture.ts";
import { type DropPlan, dropPlans, everybodyShares, playedPlan, spreadDrops } from "./testing/drop-plans.ts";
import { type Leak, simulate } from "./testing/simulator.ts";
import { openedFrom, shapeOf, type Transcript, transcriptOf } from "./testing/transcript.ts";

// What a coordinator and corrupt clients see can be made without any honest contribution: SECAGG 3, simulation. The simulator is told the sum, the sets, who
// holds whose shares, and what the corrupt clients have; the coordinator takes what it makes for a session, and opens the sum.

interface Session {
  readonly fixture: Fixture;
  readonly leak: Leak;
  readonly real: Transcript;
}

/** A real session, and what it gives away to a coordinator in league with these clients. */
function session(fixture: Fixture, plan: DropPlan, corrupt: readonly number[]): Session {
  const sharing = everybodyShares(fixture);
  const played = playedPlan(sharing, plan);
  const { clients, context, rule, laneCount } = fixture;
  const leak: Leak = {
    opened: keyingStage(fixture).server,
    clients,
    context,
    rule,
    plan,
    holders: sharing.bundles.map(({ holders }) => holders),
    width: { laneCount, bits: played.bits },
    sum: played.sum,
    corrupt: new Map(
      corrupt.map((index) => [
        index,
        {
          advertising: seedOf("advertise", index),
          sharing: seedOf("share", index),
          contribution: fixture.contribution(index, played.bits),
        },
      ]),
    ),
  };
  return { fixture, leak, real: transcriptOf(played, plan.responders) };
}

/** Whether the simulated transcript looks like the real one, is taken for one, opens to the same sum, and shares no secret byte with it. */
function expectSimulated({ fixture, leak, real }: Session): void {
  const simulated = simulate(leak, seedOf("simulator", 0));
  expect(shapeOf(simulated)).toEqual(shapeOf(real));
  const opened = openedFrom(leak.opened, simulated, leak.width);
  expect([...opened]).toEqual(plainSum(fixture, leak.plan.survivors, leak.width.bits));
  expect([...openedFrom(leak.opened, real, leak.width)]).toEqual([...opened]);
  for (const [i, { index, packed }] of simulated.contributions.entries()) {
    if (!leak.corrupt.has(index)) expect(packed).not.toEqual(real.contributions[i]!.packed);
  }
}

const sessions = fc
  .record({ clientCount: fc.integer({ min: 5, max: 9 }), quantisationBits: fc.constantFrom(8, 16) })
  .chain(({ clientCount, quantisationBits }) =>
    fc.record({
      clientCount: fc.constant(clientCount),
      quantisationBits: fc.constant(quantisationBits),
      plan: dropPlans(clientCount, Math.floor(0.25 * clientCount)),
      corrupt: fc.subarray(
        Array.from({ length: clientCount }, (_, index) => index),
        { maxLength: 2 },
      ),
    }),
  );

test("a transcript made of the sum, the sets and the corrupt clients' data has the shape of the real one, and opens to the same sum", {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(sessions, ({ clientCount, quantisationBits, plan, corrupt }) => {
      expectSimulated(session(createFixture({ clientCount, tolerance: { gamma: 0, delta: 0.25 }, quantisationBits }), plan, corrupt));
    }),
    { numRuns: 12 },
  );
});

test("so it is where clients draw their holders", { timeout: 60_000 }, () => {
  const fixture = createFixture({ clientCount: 130, tolerance: { gamma: 0.05, delta: 0.1 } });
  expectSimulated(session(fixture, spreadDrops(130, 10), [7, 64, 129]));
});

test("what honest clients contribute changes nothing but the sum: other contributions of the same sum give the same simulated bytes", () => {
  const plan: DropPlan = {
    clientCount: 5,
    dealers: [0, 1, 2, 3, 4],
    survivors: [0, 1, 2, 3],
    signers: [0, 1, 2, 3],
    responders: [0, 1, 2],
  };
  const fixture = createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.25 } });
  const swapped: Fixture = { ...fixture, contribution: (number, bits) => fixture.contribution(number < 2 ? 1 - number : number, bits) };
  const [one, other] = [session(fixture, plan, [3]), session(swapped, plan, [3])];
  expect(one.real.contributions).not.toEqual(other.real.contributions);
  expect(simulate(one.leak, seedOf("simulator", 0))).toEqual(simulate(other.leak, seedOf("simulator", 0)));
});

test("the comparison sees a field that is missing, longer, or one time more there", () => {
  const plan = spreadDrops(5, 6);
  const { real } = session(createFixture({ clientCount: 5, tolerance: { gamma: 0, delta: 0.25 } }), plan, []);
  const { signature: _, ...unsigned } = real.headers[0]!.header;
  const others: readonly unknown[] = [
    { ...real, headers: real.headers.with(0, { index: 0, header: unsigned as (typeof real.headers)[0]["header"] }) },
    { ...real, contributions: real.contributions.with(1, { index: 1, packed: new Uint8Array(99) }) },
    { ...real, reveals: [...real.reveals, real.reveals[0]!] },
    { ...real, signatures: real.signatures.with(0, { ...real.signatures[0]!, index: 4 }) },
  ];
  for (const other of others) expect(shapeOf(other)).not.toEqual(shapeOf(real));
});
