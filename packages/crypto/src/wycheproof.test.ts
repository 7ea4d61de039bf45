import { existsSync, readFileSync } from "node:fs";
import { FlError, fromHex, toHex } from "@sotto/base";
import { describe, expect, test } from "vitest";
import { faces } from "./testing/faces.ts";

// Project Wycheproof, testvectors_v1, Apache-2.0: brought by scripts/wycheproof.mjs, not committed.

type Result = "valid" | "invalid" | "acceptable";

interface Case {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly result: Result;
}

interface Group {
  readonly tests: readonly Case[];
}

interface VectorFile<G extends Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly G[];
}

interface X25519Group {
  readonly tests: readonly (Case & { readonly public: string; readonly private: string; readonly shared: string })[];
}

interface Ed25519Group {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly (Case & { readonly msg: string; readonly sig: string })[];
}

interface HkdfGroup {
  readonly tests: readonly (Case & {
    readonly ikm: string;
    readonly salt: string;
    readonly info: string;
    readonly size: number;
    readonly okm: string;
  })[];
}

interface SealGroup {
  readonly tests: readonly (Case & {
    readonly key: string;
    readonly iv: string;
    readonly aad: string;
    readonly msg: string;
    readonly ct: string;
    readonly tag: string;
  })[];
}

const folder = new URL("../../../.sotto/wycheproof/", import.meta.url);

/** What a case came to: as the file says, refused although it may be accepted, or of a size that is an error here. */
type Verdict = "as said" | "accepted" | "refused" | "size error";

describe.each(faces)("with $provider, Project Wycheproof", ({ face }) => {
  test("X25519: every case is computed, and of the acceptable ones those whose secret is zero are refused", (context) => {
    const file = read<X25519Group>("x25519_test.json", context);
    const counts = count(file, (group) =>
      group.tests.map((each) => {
        const pair = { secretKey: fromHex(each.private), publicKey: new Uint8Array(32) }; // the secret decides
        const agreed = face.x25519(pair, fromHex(each.public));
        expect([each.tcId, agreed.kind]).toEqual([each.tcId, each.flags.includes("ZeroSharedSecret") ? "refused" : "ok"]);
        if (agreed.kind === "refused") return verdict(each, "refused");
        expect([each.tcId, toHex(agreed.value)]).toEqual([each.tcId, each.shared]);
        return verdict(each, "accepted");
      }),
    );
    expect(counts).toEqual({ "valid as said": 264, "acceptable accepted": 223, "acceptable refused": 31 });
  });

  test("Ed25519: every case is judged as the file says, and of the acceptable ones those whose key has small order are refused", (context) => {
    const file = read<Ed25519Group>("ed25519_test.json", context);
    const counts = count(file, ({ publicKey, tests }) => {
      const isGood = face.ed25519Verifier(fromHex(publicKey.pk));
      return tests.map((each) => {
        const isAccepted = isGood(fromHex(each.msg), fromHex(each.sig));
        const isMeant = each.result === "acceptable" ? !each.flags.includes("SmallOrderPublicKey") : each.result === "valid";
        expect([each.tcId, isAccepted]).toEqual([each.tcId, isMeant]);
        return verdict(each, isAccepted ? "accepted" : "refused");
      });
    });
    expect(counts).toEqual({ "valid as said": 117, "invalid as said": 64, "acceptable accepted": 21, "acceptable refused": 8 });
  });

  test("HKDF-SHA-256: every output is equal, and every size too large is an error", (context) => {
    const file = read<HkdfGroup>("hkdf_sha256_test.json", context);
    const counts = count(file, (group) =>
      group.tests.map((each) => {
        const derive = (): Uint8Array =>
          face.hkdfSha256({ secret: fromHex(each.ikm), salt: fromHex(each.salt), info: fromHex(each.info), length: each.size });
        if (each.result === "invalid") {
          expect([each.tcId, each.flags]).toEqual([each.tcId, ["SizeTooLarge"]]);
          expect(derive).toThrow(FlError);
          return verdict(each, "size error");
        }
        expect([each.tcId, each.result, toHex(derive())]).toEqual([each.tcId, "valid", each.okm]);
        return verdict(each, "accepted");
      }),
    );
    expect(counts).toEqual({ "valid as said": 83, "invalid size error": 3 });
  });

  test("ChaCha20-Poly1305: every case seals and opens as the file says, and every nonce of another size is an error", (context) => {
    const file = read<SealGroup>("chacha20_poly1305_test.json", context);
    const counts = count(file, (group) =>
      group.tests.map((each) => {
        const key = { key: fromHex(each.key), nonce: fromHex(each.iv), associatedData: fromHex(each.aad) };
        const plaintext = fromHex(each.msg);
        const sealed = fromHex(each.ct + each.tag);
        if (each.flags.includes("InvalidNonceSize")) {
          expect(() => face.open({ ...key, sealed })).toThrow(FlError);
          expect(() => face.seal({ ...key, plaintext })).toThrow(FlError);
          return verdict(each, "size error");
        }
        const opened = face.open({ ...key, sealed });
        expect([each.tcId, opened.kind]).toEqual([each.tcId, each.result === "valid" ? "ok" : "refused"]);
        expect([each.tcId, toHex(face.seal({ ...key, plaintext })) === each.ct + each.tag]).toEqual([each.tcId, opened.kind === "ok"]);
        if (opened.kind === "ok") expect([each.tcId, toHex(opened.value)]).toEqual([each.tcId, each.msg]);
        return verdict(each, opened.kind === "ok" ? "accepted" : "refused");
      }),
    );
    expect(counts).toEqual({ "valid as said": 256, "invalid as said": 60, "invalid size error": 9 });
  });
});

function verdict({ result }: Case, came: "accepted" | "refused" | "size error"): string {
  const said = (result === "valid" && came === "accepted") || (result === "invalid" && came === "refused");
  const shown: Verdict = said ? "as said" : came;
  return `${result} ${shown}`;
}

/** How many cases came to what; together they are all that the file says it has. */
function count<G extends Group>(file: VectorFile<G>, judge: (group: G) => readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const came of file.testGroups.flatMap(judge)) counts[came] = (counts[came] ?? 0) + 1;
  expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(file.numberOfTests);
  return counts;
}

/** The vectors of a file, or a skip that says why there are none. */
function read<G extends Group>(name: string, context: { skip(note: string): never }): VectorFile<G> {
  const file = new URL(name, folder);
  if (!existsSync(file)) {
    const reason = `${name} is not in .sotto/wycheproof: node scripts/wycheproof.mjs brings it`;
    process.stderr.write(`skipped: ${reason}\n`);
    context.skip(reason);
  }
  return JSON.parse(readFileSync(file, "utf8")) as VectorFile<G>;
}
