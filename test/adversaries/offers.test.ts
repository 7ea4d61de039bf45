import { instant, parseFederationId, parseRoundNumber, parseTaskId, utf8 } from "@sotto/base";
import { ed25519KeyPair, sha256, sha256Digest } from "@sotto/crypto";
import { encodePlan, type Plan, planDigest } from "@sotto/protocol";
import { encodeModel, toModelVector } from "@sotto/vector";
import { expect, test } from "vitest";
import { enrolled, hospitals, modelBytes, plan, planBytes, rosterWith, type SignedRoster, signedBy, victim } from "./hospitals.ts";
import { type Instead, toldTo } from "./lie.ts";
import { cases, expectAllLeft, expectLeft, expectOthersDone, expectRefused, underAttack } from "./promise.ts";
import { without } from "./relayed.ts";
import type { Lies } from "./scripted-coordinator.ts";

// S0 of SECAGG 2.8: what a coordinator offers before any key is made.

/** The victim is offered a round under another roster than the others. */
function underRoster({ bytes, roster }: SignedRoster): Lies {
  return {
    tell: toldTo(victim, "train", (honest) => ({ ...honest, rosterDigest: roster.digest })),
    roster: (honest, to) => (to === victim ? bytes : honest),
  };
}

const forger = ed25519KeyPair(sha256(utf8("a forger")));
const stranger = { ...enrolled(victim), verificationKey: forger.publicKey };

const rosters: Readonly<Record<string, readonly [SignedRoster, string]>> = {
  "that its authority did not sign": [signedBy(forger), "bad-roster-signature"],
  "that has expired": [rosterWith({ expiresAt: instant(Date.UTC(2025, 11, 31)) }), "roster-expired"],
  "that does not name it": [rosterWith({ clients: without(hospitals, victim).map(enrolled) }), "not-enrolled"],
  "that names it with another key": [
    rosterWith({ clients: hospitals.map((client) => (client === victim ? stranger : enrolled(client))) }),
    "not-enrolled",
  ],
};

test.each(cases(rosters))("a client takes no part under a roster %s: %s", async (_, code, roster) => {
  await expectRefused({ lies: underRoster(roster), at: "train", code });
});

test("a client takes no part under a roster that is not the one it was named: digest-mismatch", async () => {
  const older = rosterWith({ version: 1 });
  await expectRefused({ lies: { roster: (honest, to) => (to === victim ? older.bytes : honest) }, at: "train", code: "digest-mismatch" });
});

const laterRosters: Readonly<Record<string, SignedRoster>> = {
  "of a lower version": rosterWith({ version: 1 }),
  "of the same version that says something else": rosterWith({ expiresAt: instant(Date.UTC(2029, 0, 1)) }),
  "of another federation": rosterWith({ federation: parseFederationId("elsewhere"), version: 3 }),
};

test.each(Object.entries(laterRosters))("after one roster, a client takes part under none %s: roster-rollback", async (_, roster) => {
  await underAttack({}, async (federation) => {
    await federation.coordinator.play({ through: "train" });
    await federation.coordinator.play({ round: 2, through: "train", lies: underRoster(roster) });
    expectLeft(federation, victim, "roster-rollback");
  });
});

/** The plan of every session with parts of it changed, as the victim is offered it. */
function offering(change: Partial<Plan>): Lies {
  return { tell: toldTo(victim, "train", (honest) => ({ ...honest, plan: encodePlan({ ...plan, ...change }) })) };
}

const { aggregation, contribution, training } = plan;

const weakPlans: Readonly<Record<string, Partial<Plan>>> = {
  "that withstands fewer corrupt clients": { aggregation: { ...aggregation, gamma: 0.19 } },
  "that lets more drop": { aggregation: { ...aggregation, delta: 0.31 } },
  "for smaller cohorts": { aggregation: { ...aggregation, cohortSizeMin: 4 } },
  "with a tiny clip norm": { contribution: { ...contribution, clipNorm: 1e-4 } },
  "with a huge clip norm": { contribution: { ...contribution, clipNorm: 1e4 } },
  "with more quantisation bits": { contribution: { ...contribution, quantisationBits: 25 } },
  "that trains for longer": { training: { ...training, length: { unit: "epochs", count: 101 } } },
};

test.each(Object.entries(weakPlans))("a client computes nothing under a plan %s than its policy grants: policy", async (_, change) => {
  await expectRefused({ lies: offering(change), at: "train", code: "policy" });
});

test("a client computes nothing under a plan that counts more rows of one client than its policy grants: policy", async () => {
  const lies = offering({ contribution: { ...contribution, weightMax: 101 } });
  await expectRefused({ lies, at: "train", code: "policy", policy: { weightMax: { min: 1, max: 100 } } });
});

test("a client whose owner has read one plan computes no other: policy", async () => {
  const lies = offering({ training: { ...training, seed: 2 } });
  await expectRefused({ lies, at: "train", code: "policy", policy: { allowedPlanDigests: [planDigest(planBytes)] } });
});

test("a client whose owner asks for noise computes nothing without it: policy", async () => {
  await underAttack({ policy: { dpRequired: true } }, async (federation) => {
    await federation.coordinator.play({ through: "train" });
    expectAllLeft(federation, "policy");
  });
});

const malformed: Readonly<Record<string, Instead<"train">>> = {
  "that does not read": (honest) => ({ ...honest, plan: utf8("{}") }),
  "of another task": (honest) => ({ ...honest, plan: encodePlan({ ...plan, task: parseTaskId("another.1") }) }),
  "for a model of another size": (honest) => ({ ...honest, modelSizeBytes: honest.modelSizeBytes + 4 }),
};

test.each(Object.entries(malformed))("a client computes nothing under a plan %s: malformed", async (_, instead) => {
  await expectRefused({ lies: { tell: toldTo(victim, "train", instead) }, at: "train", code: "malformed" });
});

const otherModel = encodeModel(toModelVector(new Float32Array(modelBytes.length / 4).fill(0.5)));

test("a client trains on no model but the one whose digest it was told: local-failure, and it is never ready", async () => {
  await expectOthersDone({ lies: { model: (honest, to) => (to === victim ? otherModel : honest) }, code: "local-failure" });
});

test("clients that are given different models accept none of each other's keys: bad-signature", async () => {
  const modelDigest = sha256Digest(otherModel);
  const lies: Lies = {
    model: (honest, to) => (to === victim ? otherModel : honest),
    tell: (honest, to) => {
      if (to !== victim) return [honest];
      if (honest.kind === "train") return [{ ...honest, modelDigest }];
      return honest.kind === "advertise" ? [{ ...honest, context: { ...honest.context, modelDigest } }] : [honest];
    },
  };
  await underAttack({}, async (federation) => {
    const session = await federation.coordinator.play({ lies });
    expect(session.adverts.size).toBe(7);
    expect(session.bundles.size).toBe(0);
    expectAllLeft(federation, "bad-signature");
  });
});

const contexts: Readonly<Record<string, Instead<"advertise">>> = {
  federation: ({ context, ...rest }) => ({ ...rest, context: { ...context, federation: parseFederationId("elsewhere") } }),
  round: ({ context, ...rest }) => ({ ...rest, context: { ...context, round: parseRoundNumber(2) } }),
  roster: ({ context, ...rest }) => ({ ...rest, context: { ...context, rosterDigest: rosterWith({ version: 3 }).roster.digest } }),
  plan: ({ context, ...rest }) => ({ ...rest, context: { ...context, planDigest: sha256Digest(utf8("another plan")) } }),
  model: ({ context, ...rest }) => ({ ...rest, context: { ...context, modelDigest: sha256Digest(otherModel) } }),
};

test.each(Object.entries(contexts))(
  "a client makes no keys for a session of another %s than it accepted: context-mismatch",
  async (_, instead) => {
    await expectRefused({ lies: { tell: toldTo(victim, "advertise", instead) }, at: "advertise", code: "context-mismatch" });
  },
);
