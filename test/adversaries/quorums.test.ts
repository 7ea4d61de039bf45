import type { ClientId } from "@sotto/base";
import type { ConsistencySignature, RevealRequest } from "@sotto/secagg";
import { expect, test } from "vitest";
import { hospitals, other, victim } from "./hospitals.ts";
import { eachOf, toldTo } from "./lie.ts";
import { openedBy } from "./privacy.ts";
import { cases, expectLeft, expectOthersDone, underAttack } from "./promise.ts";
import { mask, quorumOf, reveal, without } from "./relayed.ts";
import { indexIn, membersIn, type Session } from "./session.ts";

// S4 of SECAGG 2.8: on whose word a client gives shares away. Whoever refuses reveals nothing, and the others' shares suffice without it.

type Request = (honest: RevealRequest, session: Session) => RevealRequest;

function withSignatures(
  change: (signatures: readonly ConsistencySignature[], session: Session) => readonly ConsistencySignature[],
): Request {
  return (honest, session) => ({ ...honest, signatures: change(honest.signatures, session) });
}

/** A signature with one bit of it turned. */
function forged({ index, signature }: ConsistencySignature): ConsistencySignature {
  return { index, signature: signature.with(0, signature[0]! ^ 1) };
}

const refused: Readonly<Record<string, readonly [Request, string]>> = {
  "no signature": [withSignatures(() => []), "too-few-signatures"],
  "one signature fewer than a quorum": [withSignatures((signatures) => signatures.slice(1)), "too-few-signatures"],
  "a quorum in which one signer counts twice": [
    withSignatures(([first, ...rest]) => [first!, first!, ...rest.slice(1)]),
    "duplicate-signer",
  ],
  "a quorum with a forged signature": [withSignatures(([first, ...rest]) => [forged(first!), ...rest]), "bad-signature"],
  "a quorum with one signature under another's name": [
    withSignatures(([first, second, ...rest], session) => [first!, { ...second!, index: indexIn(session, hospitals[6]!) }, ...rest]),
    "bad-signature",
  ],
  "a quorum whose other headers are withheld": [(honest) => ({ ...honest, headers: [] }), "missing-header"],
  "a quorum and a header whose digest was changed": [
    (honest) => ({
      ...honest,
      headers: honest.headers.map(({ index, header }) => ({ index, header: { ...header, complaints: [0] } })),
    }),
    "bad-signature",
  ],
};

test.each(cases(refused))("a client reveals nothing on %s: %s", async (_, code, request) => {
  const tell = toldTo(victim, "reveal", (honest, session) => ({ ...honest, request: request(honest.request, session) }));
  await expectOthersDone({ lies: { tell }, code });
});

test("a client reveals nothing on the word of one who is not a survivor: not-a-member", async () => {
  await underAttack({}, async (federation) => {
    const lies = {
      survivors: (heard: readonly ClientId[]) => without(heard, other),
      tell: toldTo(victim, "reveal", (honest, session) => {
        const [first, ...rest] = honest.request.signatures;
        return { ...honest, request: { ...honest.request, signatures: [...rest, { ...first!, index: indexIn(session, other) }] } };
      }),
    };
    await federation.coordinator.play({ lies });
    expectLeft(federation, victim, "not-a-member");
    expect(federation.refusing).toEqual([victim]);
  });
});

test("a client reveals nothing on a signature over other survivors than it attested: bad-signature", async () => {
  await underAttack({}, async (federation) => {
    const tell = eachOf(
      toldTo(other, "attest", (honest, session) => ({ ...honest, request: { survivors: membersIn(session, without(hospitals, victim)) } })),
      toldTo(victim, "reveal", (honest, session) => {
        const signers = [...without(quorumOf(session), other).slice(0, 4), other];
        return { ...honest, request: reveal(session, victim, signers) };
      }),
    );
    const session = await federation.coordinator.play({ lies: { tell } });
    expectLeft(federation, victim, "bad-signature");
    expect(session.reveals.has(victim)).toBe(false);
  });
});

test("a client reveals nothing on signatures of an earlier round: bad-signature", async () => {
  await underAttack({}, async (federation) => {
    const first = await federation.coordinator.play({});
    const tell = toldTo(victim, "reveal", (honest) => ({ ...honest, request: reveal(first, victim) }));
    await federation.coordinator.play({ round: 2, lies: { tell } });
    expectLeft(federation, victim, "bad-signature");
  });
});

test("asked again to reveal, for the same survivors or for others, a client says nothing more", async () => {
  await underAttack({}, async (federation) => {
    const tell = toldTo(victim, "reveal", (honest, session) => [
      honest,
      honest,
      { ...honest, request: reveal(session, victim, hospitals.slice(1, 6)) },
    ]);
    await federation.coordinator.play({ lies: { tell } });
    expect(federation.coordinator.heardSinceLie(victim).map(({ kind }) => kind)).toEqual(["reveal"]);
    expect(federation.refusing).toEqual([]);
    expect(openedBy(federation)).toMatchObject([{ clients: hospitals }]);
  });
});

test("once it revealed, a client attests no other survivors and masks for no other dealers", async () => {
  await underAttack({}, async (federation) => {
    const { coordinator } = federation;
    const session = await coordinator.play({});
    const { position } = session;
    const before = coordinator.heardFrom(victim).length;
    await coordinator.tell(victim, { kind: "attest", position, request: { survivors: membersIn(session, without(hospitals, other)) } });
    await coordinator.tell(victim, { kind: "mask", position, request: mask(session, victim, without(hospitals, other)) });
    expect(coordinator.heardFrom(victim)).toHaveLength(before);
  });
});
