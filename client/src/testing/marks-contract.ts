import { instant, parseDigest, parseFederationId, parseRoundNumber, parseSessionNumber, parseTaskId } from "@sotto/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MarksStore } from "../effects/marks-store.ts";
import type { Mark } from "../guard/position-guard.ts";
import type { Remembered } from "../round/state.ts";

/** A place that holds the marks of one client, opened by one holder after another. */
export interface MarksPlace {
  open(): Promise<MarksStore>;
}

const place = fc.record({
  round: fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(parseRoundNumber),
  session: fc.nat(2 ** 31 - 1).map(parseSessionNumber),
});
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => parseDigest(Buffer.from(bytes).toString("hex")));
const mark: fc.Arbitrary<Mark> = fc.record({
  offered: place,
  entered: fc.option(place),
  spentRound: fc.nat(2 ** 31 - 1),
  attested: fc.option(fc.tuple(place, digest).map(([at, survivorsDigest]) => ({ ...at, survivorsDigest }))),
});
const task = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}[a-z0-9]$/).map(parseTaskId);

/** Anything that a client may remember. */
export const remembered: fc.Arbitrary<Remembered> = fc.record({
  marks: fc.array(fc.tuple(task, mark), { maxLength: 5 }).map((entries) => new Map(entries)),
  seenRoster: fc.option(
    fc.record({ federation: fc.constant(parseFederationId("test")), version: fc.integer({ min: 1, max: 1_000 }), digest }),
  ),
  leftAt: fc.option(fc.nat().map(instant)),
  isInRound: fc.boolean(),
});

/** What every {@link MarksStore} keeps to, as tests. `create` makes an empty place of its own for each. */
export function marksStoreContract(name: string, create: () => Promise<MarksPlace>): void {
  test(`${name}: nothing was saved in an empty place`, async () => {
    const store = await (await create()).open();
    expect(await store.load()).toBeNull();
    await store.close();
  });

  test(`${name}: the last of what was saved is loaded, by this holder and by the next`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(remembered, { minLength: 1, maxLength: 3 }), async (saved) => {
        const at = await create();
        const store = await at.open();
        for (const each of saved) await store.save(each);
        expect(await store.load()).toEqual(saved.at(-1));
        await store.close();
        const next = await at.open();
        expect(await next.load()).toEqual(saved.at(-1));
        await next.close();
      }),
      { numRuns: 25 },
    );
  });

  test(`${name}: what is loaded stays as it is when more is saved`, async () => {
    const store = await (await create()).open();
    const [first, second] = fc.sample(remembered, { numRuns: 2, seed: 1 });
    await store.save(first!);
    const loaded = await store.load();
    await store.save(second!);
    expect(loaded).toEqual(first);
    await store.close();
  });

  test(`${name}: a store that was closed saves nothing more`, async () => {
    const at = await create();
    const store = await at.open();
    const [first, second] = fc.sample(remembered, { numRuns: 2, seed: 2 });
    await store.save(first!);
    await store.close();
    await expect(store.save(second!)).rejects.toMatchObject({ name: "FlError", code: "failed-precondition" });
    const next = await at.open();
    expect(await next.load()).toEqual(first);
    await next.close();
  });
}
