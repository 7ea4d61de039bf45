import { toHex } from "@sotto/base";
import { sha256, transcript, u32Bytes } from "@sotto/crypto";
import { expect, test } from "vitest";
import type { ConsistencySignature, ShareBundle } from "./messages.ts";
import { revealRequest } from "./server/revealing.ts";
import {
  attestingStage,
  collectingStage,
  createFixture,
  keyingStage,
  sharingStage,
  sumOf,
  unmaskingStage,
  value,
} from "./session-fixture.ts";

// The bytes of one session of six clients with one drop at each stage, frozen: clients of two versions that differ here do not understand each other.
// Whoever changes a label, a field or an order changes the version in the context digest too.

const hashOf = (...fields: readonly Uint8Array[]): string => toHex(sha256(transcript("frozen", ...fields)));

function bundleFields({ selfSeedDigest, leaves, envelopes, signature }: ShareBundle): readonly Uint8Array[] {
  return [selfSeedDigest, ...leaves, ...envelopes, signature];
}

test("every byte of a session with one drop at each stage is the one that was frozen", () => {
  const keying = keyingStage(createFixture({ clientCount: 7, tolerance: { gamma: 0, delta: 0.4 } }));
  const sharing = value(sharingStage(keying, [0, 1, 2, 3, 4, 5]));
  const collecting = value(collectingStage(sharing, [0, 1, 2, 3, 4]));
  const attesting = value(attestingStage(collecting, [0, 1, 2, 3]));
  const unmasking = value(unmaskingStage(attesting, [0, 1, 2, 3]));
  const submissions = [...collecting.submissions.values()];
  const signatures = revealRequest(unmasking.server).map(({ signature }: ConsistencySignature) => signature);
  const reveals = [...unmasking.reveals].flatMap(([holder, shares]) =>
    shares.flatMap(({ owner, kind, share }) => [u32Bytes(holder), u32Bytes(owner), sha256(transcript(kind)), share]),
  );
  expect({
    context: toHex(keying.server.contextDigest),
    adverts: hashOf(...keying.adverts.flatMap((advert) => [advert.maskKey, advert.envelopeKey, advert.signature])),
    d1: toHex(sharing.server.cohort.digest),
    bundles: hashOf(...sharing.bundles.flatMap(bundleFields)),
    d2: toHex(collecting.server.dealersDigest),
    maskKeys: hashOf(...submissions.flatMap(({ masks }) => masks.map((mask) => mask.key))),
    packed: toHex(submissions[0]!.packed),
    headers: hashOf(...submissions.map(({ header }) => header.signature)),
    d3: toHex(attesting.server.survivorsDigest),
    signatures: hashOf(...signatures),
    reveals: hashOf(...reveals),
    sum: [...value(sumOf(unmasking, [0, 1, 2]))],
  }).toMatchInlineSnapshot(`
    {
      "adverts": "69efbe0819f7a07fff9f5abb6e7458c128cf17d0abffe0cca65d95808f39707a",
      "bundles": "2651f4fd3e926bd79b0deea5186a467433d905bbb267acf87045d8b83637df20",
      "context": "3d954ee83ef602cc1948c021537fdc4dcf2bb0fae6ac26366950f2fe5cbf1444",
      "d1": "3a2bb380677141a9e2f8c9888fe90acf14cb2b2f262d3eb4bf078acf1483196d",
      "d2": "140e5af14daba16cfc45b2b0052126574185628f051eb57ccd1668bab98addf5",
      "d3": "794da776240b1a56c93a546e1ce354a2aee5eed1775725e2c5424b76166042d3",
      "headers": "6f1efc3934d8e1df5f3d41c60c74712f410de60e1c46931ec29cbc6a33b3dc15",
      "maskKeys": "5552d0533adce1682d496980eb195e2a4e010b47573c339b7b8901ed3b26fed9",
      "packed": "221f94dbb0f61d6841d89e72",
      "reveals": "279ea6e678c9a13cde9d362bffe2f43b99643a46ab8b59402283e85cc7df4594",
      "signatures": "0c6c3c35411df2f9dd945b5637277f61cf9c73a95651456e66e30c927d0ee314",
      "sum": [
        498095,
        9064,
        21215,
        469411,
        485676,
      ],
    }
  `);
});
