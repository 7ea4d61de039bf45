import { toHex } from "@sotto/base";
import { keystream, sha256, transcript, u32Bytes } from "@sotto/crypto";
import { expect, test } from "vitest";
import type { Reveal, ShareBundle } from "./messages.ts";
import {
  attestingStage,
  type CollectingStage,
  collectingStage,
  createFixture,
  type KeyingStage,
  keyingStage,
  type SharingStage,
  sharingStage,
  sumOf,
  type UnmaskingStage,
  unmaskingStage,
  value,
} from "./session-fixture.ts";
import { everybodyShares, playedPlan, spreadDrops } from "./testing/drop-plans.ts";

// The bytes of two sessions, frozen: clients of two versions that differ here do not understand each other. Whoever changes a label, a field or an order
// changes the version in the context digest too.

const hashOf = (...fields: readonly Uint8Array[]): string => toHex(sha256(transcript("frozen", ...fields)));

interface Stages {
  readonly keying: KeyingStage;
  readonly sharing: SharingStage;
  readonly collecting: CollectingStage;
  readonly unmasking: UnmaskingStage;
}

/** A hash over every byte of each kind of message, in the order of senders. */
function hashesOf({ keying, sharing, collecting, unmasking }: Stages): Readonly<Record<string, string>> {
  const submissions = [...collecting.submissions.values()];
  return {
    adverts: hashOf(...keying.adverts.flatMap((advert) => [advert.maskKey, advert.envelopeKey, advert.signature])),
    bundles: hashOf(...sharing.bundles.flatMap(bundleFields)),
    maskKeys: hashOf(...submissions.flatMap(({ masks }) => masks.map((mask) => mask.key))),
    contributions: hashOf(...submissions.map(({ packed }) => packed)),
    headers: hashOf(...submissions.flatMap(({ header }) => [header.heldRoot, header.signature])),
    signatures: hashOf(...unmasking.server.signatures.map(({ signature }) => signature)),
    reveals: hashOf(...[...unmasking.reveals].flatMap(([holder, reveal]) => revealFields(holder, reveal))),
  };
}

function bundleFields({ holders, selfSeedDigest, leaves, envelopes, signature }: ShareBundle): readonly Uint8Array[] {
  return [...holders.map(u32Bytes), selfSeedDigest, ...leaves, ...envelopes, signature];
}

function revealFields(holder: number, { shares, signature }: Reveal): readonly Uint8Array[] {
  const listed = shares.flatMap(({ owner, kind, share }) => [u32Bytes(owner), sha256(transcript(kind)), share]);
  return [u32Bytes(holder), ...listed, signature];
}

test("every byte of a session of eight clients, of which one drops at each stage, is the one that was frozen", () => {
  const keying = keyingStage(createFixture({ clientCount: 8, tolerance: { gamma: 0, delta: 0.43 } }));
  // Seven advertise, six deal shares, five submit, four attest and three reveal: the threshold, and the sum is that of five.
  const sharing = value(sharingStage(keying, [0, 1, 2, 3, 4, 5, 6]));
  const collecting = value(collectingStage(sharing, [0, 1, 2, 3, 4, 5]));
  const attesting = value(attestingStage(collecting, [0, 1, 2, 3, 4]));
  const unmasking = value(unmaskingStage(attesting, [0, 1, 2, 3]));
  const [self, pair] = collecting.submissions.get(0)!.masks;
  expect({
    context: toHex(keying.server.contextDigest),
    d1: toHex(sharing.server.cohort.digest),
    d2: toHex(collecting.server.dealersDigest),
    d3: toHex(attesting.server.survivorsDigest),
    selfKey: toHex(self!.key),
    pairKey: toHex(pair!.key),
    first64LanesOfPair: toHex(keystream({ key: pair!.key, byteOffset: 0, byteLength: 4 * 64 })),
    firstContribution: toHex(collecting.submissions.get(0)!.packed),
    ...hashesOf({ keying, sharing, collecting, unmasking }),
    sum: [...value(sumOf(unmasking, [0, 1, 2]))],
  }).toMatchInlineSnapshot(`
    {
      "adverts": "e95c6273d0eaff622bdcd3d4af0893bcba2ec57c0526ededd0495b9dbc2fced1",
      "bundles": "1de173d6261ba0cda040061d2a7e556fd06d2110ce2c2512396271f7f3ec6067",
      "context": "3d954ee83ef602cc1948c021537fdc4dcf2bb0fae6ac26366950f2fe5cbf1444",
      "contributions": "2ec63d24725c863bf977bf61f2aa116c60529097e8ff87e992f430cb8bc45c5f",
      "d1": "0d15c391d1117e6d23d5cc7959027581fa69122aceb4a33191fe0bfed46acdc2",
      "d2": "7230bbd3ae34bb2a5baf7c2235e6b7e8a7e8b7ce368df048e5007a7ed1d42b6c",
      "d3": "2af37589dc23a90274d8a79242431bcd67326491d12b26c239fb1a03cc766e69",
      "first64LanesOfPair": "24d7eb63c2cd44b9ade126901f4c0f7716efe0949b441fc991dac922a1da7f6039331d5ea03aa17dcf535149aa67cb7c98b325df11c4782d1481316fcff997290eecce8b776263168ec8251268c4144c25dda40440984bb8f24af2aa7bf4a33d9802bcdf88248ae81cb5e2d54889f1ef43d3a25dba334306a59de41d45cb31564912398e15adc75724e3edc0a5393ca2fff337bf8a94b0615fdd347a3261941a7117b5ec0758d85acee999bb54ca3adc28b316bd7c2f27092cba25faabcb3042b60575c438921b8ccea73bb233b5b8108ddb365ab8158160a5ca087c9d9ea0a7c0a0de70168af02cce70c72ac66ce0dcb46e62e007745e4b24cac6507b8b0883",
      "firstContribution": "c8f1e8ca1515808c00b91147",
      "headers": "f31ee32f162f514b3f7753f0ca28e6fd4674d0296123e247783a3d4ec96cafe3",
      "maskKeys": "a308ef98a37854dd75e53ae9b0aff3019d9e5fcc8850ebfa054888d16ae20708",
      "pairKey": "a87e68694e13d182d51289708fbe8525ddb2dff8fb829be271352c0f49928821",
      "reveals": "bfcca4b8edc9f781917ec791e8947b1abee7781ea175a8e99be6a536fba2c31f",
      "selfKey": "3f3b442c4b817dbd326812d1ce50e2f51406c00478a1ab592526f1a987163846",
      "signatures": "f501fa60f8001e5a366e0dfd35e4430c9249820dc18e493198fe5f3d82c2b0b6",
      "sum": [
        480373,
        22574,
        515126,
        461725,
        455583,
      ],
    }
  `);
});

test("every byte of a session of 140 clients that drew their holders, every tenth of which drops, is the one that was frozen", {
  timeout: 60_000,
}, () => {
  const fixture = createFixture({ clientCount: 140, tolerance: { gamma: 0.05, delta: 0.1 } });
  const sharing = everybodyShares(fixture);
  const { collecting, unmasking, sum } = playedPlan(sharing, spreadDrops(140, 10));
  const { holderCount, threshold } = sharing.server.cohort.parameters;
  const everything = Object.values(hashesOf({ keying: keyingStage(fixture), sharing, collecting, unmasking }));
  expect({
    holderCount,
    threshold,
    sum,
    everything: toHex(sha256(transcript(everything.join(), sharing.server.cohort.digest, unmasking.server.survivorsDigest))),
  }).toMatchInlineSnapshot(`
    {
      "everything": "d83dcb2d1c08a1feb2e55a303aabbcdc5c73af62339048fe6af2819e5e00129d",
      "holderCount": 20,
      "sum": [
        16599438,
        295517,
        16510610,
        16662118,
        16359603,
      ],
      "threshold": 8,
    }
  `);
});
