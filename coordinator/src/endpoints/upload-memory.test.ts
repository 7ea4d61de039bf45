import { type ClientId, parseOperatorId, utf8 } from "@sotto/base";
import { ed25519KeyPair, sha256 } from "@sotto/crypto";
import { encodeTaskSpec } from "@sotto/protocol";
import { rememberingVerifiers } from "@sotto/secagg";
import { chunksOf } from "@sotto/transport";
import { toUpdate } from "@sotto/vector";
import { expect, test } from "vitest";
import { createPeer, type Peer } from "../testing/peer.ts";
import { tinyCoordinator } from "../testing/tiny-coordinator.ts";
import { tinySpec } from "../testing/tiny-task.ts";
import { vectorBytes } from "../testing/vector-bytes.ts";

const parameterCount = 300_000;
const clientCount = 12;

test("a round that collects holds the sum, and none of the contributions that are in it", async () => {
  const house = tinyCoordinator(clientCount);
  const { clients, enrolled } = house.federation;
  const update = toUpdate(new Float32Array(parameterCount).fill(1e-4));
  const verifierOf = rememberingVerifiers();
  const peerOf = (client: ClientId): Peer =>
    createPeer({
      client,
      signingKey: ed25519KeyPair(sha256(utf8(client))).secretKey,
      enrolled,
      verifierOf,
      contribution: { update, weight: 100, metrics: { rows: 10, lossSum: 5, correct: 8, positives: [], negatives: [] } },
      lie: null,
    });
  const count = { min: 3, goal: clientCount, max: clientCount };
  const spec = tinySpec({
    model: { topology: {}, layout: [{ name: "w", shape: [parameterCount] }] },
    cohort: { ...tinySpec().cohort, count },
  });
  await house.coordinator.admin(parseOperatorId("admin")).submitTask(encodeTaskSpec(spec), chunksOf(new Uint8Array(4 * parameterCount)));
  // One never uploads, so that the phase stays open.
  const peers = clients.map((client, i) =>
    house.start(client, { peer: peerOf(client), onInstruction: (kind) => (kind === "mask" && i === 0 ? "vanish" : "act") }),
  );
  const before = await vectorBytes();
  const uploaded = (): number => peers.filter(({ log }) => log.kinds.at(-1) === "mask" && log.answers.length === 4).length;
  await house.clock.runUntil(() => uploaded() === clientCount - 1, 9_000);
  const sumBytes = 4 * parameterCount;
  const held = (await vectorBytes()) - before;
  // The sum, and half of it for whatever else; the contributions, of 20 bits a lane, would be seven of it.
  expect(held).toBeGreaterThan(sumBytes);
  expect(held).toBeLessThan(1.5 * sumBytes);
  await house.close();
});
