import type { ClientId } from "@sotto/base";
import { parseRoster, type Roster } from "@sotto/identity";
import { checkEvidenceFile, parseEvidenceFile, type RoundReport, type TaskEvent } from "@sotto/protocol";
import { assert, expect, test } from "vitest";
import { type TinyCoordinator, tinyCoordinator, untilOver } from "./testing/tiny-coordinator.ts";
import { tinySpec } from "./testing/tiny-task.ts";

function committedIn(events: readonly TaskEvent[]): readonly RoundReport[] {
  return events.flatMap((event) => (event.kind === "committed" ? [event.record] : []));
}

function rosterOf(house: TinyCoordinator): Roster {
  const roster = parseRoster(house.federation.rosterBytes, house.federation.authorityPublicKey);
  assert(roster.kind === "ok", "the house has a roster");
  return roster.value;
}

/** Who is convicted of what by the files that are kept, to anybody with the roster. */
function convictionsIn(house: TinyCoordinator): readonly (readonly [string, string])[] {
  return [...house.evidence.files].map(([name, bytes]) => {
    const checked = checkEvidenceFile(parseEvidenceFile(bytes), { roster: rosterOf(house) });
    return [name, checked.kind === "ok" ? checked.value : checked.refusal.message] as const;
  });
}

test("a client that lies when it reveals is convicted by a file, and the round is committed without its word", async () => {
  const house = tinyCoordinator(5);
  const { clients } = house.federation;
  const task = await house.submit(tinySpec({ rounds: 1 }));
  const [liar, ...others] = clients as [ClientId, ...ClientId[]];
  const { log } = house.start(liar, { peer: house.federation.peer(liar, "false-seed") });
  for (const client of others) house.start(client);
  const [report] = committedIn(await untilOver(house, task));
  expect(report).toMatchObject({ survivors: clients });
  expect(log.answers).toContainEqual(expect.objectContaining({ kind: "refused", code: "secret-mismatch" }));
  expect(convictionsIn(house)).toEqual([1, 2].map((round) => [`${task}-${round}-${liar}-false-seed.json`, liar]));
  await house.close();
  expect(house.complaints).toEqual([...house.evidence.files.keys()].map((file) => expect.stringContaining(file)));
});

test("a client that lies when it deals is convicted when it leaves; the round is given up in its name, and the next goes on without it", async () => {
  const house = tinyCoordinator(5);
  const { clients } = house.federation;
  const task = await house.submit(tinySpec({ rounds: 1 }));
  const [liar, ...others] = clients as [ClientId, ...ClientId[]];
  const lying = house.start(liar, {
    peer: house.federation.peer(liar, "other-mask-key"),
    onInstruction: (kind) => {
      if (kind !== "mask") return "act";
      lying.stop();
      return "vanish";
    },
  });
  for (const client of others) house.start(client);
  const events = await untilOver(house, task);
  expect(events.find((event) => event.kind === "abandoned")).toMatchObject({
    round: 1,
    reason: expect.stringContaining(`evidence convicts ${liar} (inconsistent-shares)`),
  });
  expect(committedIn(events)).toMatchObject([{ survivors: others }, { survivors: others }]);
  expect(convictionsIn(house)).toEqual([[`${task}-1-${liar}-inconsistent-shares.json`, liar]]);
  await house.close();
  expect(house.complaints).toHaveLength(1);
});
