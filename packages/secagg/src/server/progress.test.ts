import { memberIndices } from "@sotto/base";
import { expect, test } from "vitest";
import {
  attestingStage,
  collectingStage,
  createFixture,
  keyingStage,
  revealed,
  sharingStage,
  unmaskingStage,
  value,
} from "../session-fixture.ts";
import { receiveAdvert } from "./keying.ts";
import { arrived, cohortOf, minimumFor } from "./progress.ts";
import type { ServerState } from "./state.ts";

const fixture = createFixture({ clientCount: 6, tolerance: { gamma: 0, delta: 0.34 } });
const ids = fixture.clients.map(({ id }) => id);

function progressOf(server: ServerState): { size: number; here: readonly number[]; minimum: number } {
  return { size: cohortOf(server).length, here: memberIndices(arrived(server)), minimum: minimumFor(server) };
}

test("who the session counts, who has sent, and how many must, at every stage", () => {
  const keying = keyingStage(fixture);
  expect(cohortOf(keying.server)).toEqual(ids);
  expect(progressOf(value(receiveAdvert(keying.server, keying.adverts[4]!)).state)).toEqual({ size: 6, here: [4], minimum: 3 });

  // Client 0 never advertises: the others move up by one.
  const sharing = value(sharingStage(keying, [1, 2, 3, 4, 5]));
  expect(cohortOf(sharing.server)).toEqual(ids.slice(1));
  expect(progressOf(sharing.server)).toEqual({ size: 5, here: [], minimum: 4 });

  const collecting = value(collectingStage(sharing, [0, 1, 2, 3, 4]));
  expect(progressOf(collecting.server)).toEqual({ size: 5, here: [], minimum: 4 });
  const attesting = value(attestingStage(collecting, [0, 1, 2, 4]));
  expect(progressOf(attesting.server)).toEqual({ size: 5, here: [], minimum: 3 });
  const unmasking = value(unmaskingStage(attesting, [0, 1, 4]));
  expect(progressOf(revealed(unmasking, [1, 4]))).toEqual({ size: 5, here: [1, 4], minimum: 3 });
});
