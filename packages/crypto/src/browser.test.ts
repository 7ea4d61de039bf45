import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build, type Plugin } from "vite";
import { beforeAll, expect, test } from "vitest";
import { node } from "./testing/faces.ts";

/** One of each primitive, as text. It runs in another world too, so it names nothing but what it is given and the language itself. */
function exercise(face: typeof node): Readonly<Record<string, unknown>> {
  const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const shared = (agreed: ReturnType<typeof face.x25519>): string => (agreed.kind === "ok" ? hex(agreed.value) : agreed.refusal.code);
  const thrown = (call: () => unknown): unknown => {
    try {
      return call();
    } catch (error) {
      return `${String(error)} ${String(Reflect.get(Object(error), "code"))}`;
    }
  };
  const seed = face.toSeed(new Uint8Array(32).fill(3));
  const rng = face.seededRng(seed);
  const info = face.transcript("label", face.u32Bytes(7), face.u64Bytes(2 ** 40));
  const mine = face.x25519KeyPair(face.seedFrom(rng));
  const other = face.x25519KeyPair(rng.bytes(32));
  const identity = face.ed25519KeyPair(seed);
  const signature = face.ed25519Sign(identity.secretKey, info);
  const associatedData = face.sha256(info);
  const sealed = face.seal({ key: seed, associatedData, plaintext: info });
  const opened = face.open({ key: seed, associatedData, sealed });
  const stream = face.createSha256();
  stream.update(info);
  return {
    keys: [mine.publicKey, other.publicKey, identity.publicKey, signature, associatedData, sealed].map(hex),
    shared: [face.x25519(mine, other.publicKey), face.x25519Agreement(other)(mine.publicKey), face.x25519(mine, new Uint8Array(32))].map(
      shared,
    ),
    isWeak: [face.isWeakKey(mine.publicKey), face.isWeakKey(new Uint8Array(32))],
    isSame: hex(face.ed25519Signer(seed)(info)) === hex(signature),
    isGood: [
      face.ed25519Verify(identity.publicKey, info, signature),
      face.ed25519Verifier(identity.publicKey)(info, signature),
      face.ed25519Verify(identity.publicKey, associatedData, signature),
    ],
    digest: [face.sha256Digest(info), stream.digest()],
    opened: opened.kind === "ok" ? hex(opened.value) : opened.refusal.code,
    changed: face.open({ key: seed, associatedData: info, sealed }),
    derived: hex(face.hkdfSha256({ secret: seed, salt: info, info, length: 40 })),
    masks: hex(face.keystream({ key: seed, byteOffset: 64, byteLength: 40 })),
    random: face.randomRng().bytes(100_000).length,
    sizes: [face.sealOverheadBytes, face.keystreamTileBytes],
    error: thrown(() => face.toSeed(new Uint8Array(31))),
  };
}

/** An entry that asks for the package as any page would. */
const page: Plugin = {
  name: "page",
  resolveId: (id) => (/[\\/]page$/.test(id) ? "\0page" : null),
  load: (id) => (id === "\0page" ? 'export * from "@sotto/crypto";' : null),
};

let bundle: { readonly code: string; readonly modules: readonly string[] };

beforeAll(async () => {
  const built = await build({
    configFile: false,
    root: fileURLToPath(new URL("..", import.meta.url)),
    logLevel: "error",
    publicDir: false,
    plugins: [page],
    resolve: { conditions: ["browser", "source"] },
    build: { write: false, lib: { entry: "page", formats: ["iife"], name: "sotto", fileName: "page" } },
  });
  const chunks = [built].flat().flatMap((each) => ("output" in each ? each.output : []));
  expect(chunks.length).toBe(1);
  const [chunk] = chunks;
  if (chunk?.type !== "chunk") throw new Error("the bundler gave no code");
  bundle = { code: chunk.code, modules: chunk.moduleIds };
});

test("what a bundler takes for a browser is the portable face, and nothing of the Node one", () => {
  const own = bundle.modules.filter((id) => id.includes("/packages/crypto/src/"));
  expect(own.some((id) => id.endsWith("/src/browser.ts"))).toBe(true);
  expect(own.filter((id) => id.includes("/src/node/") || id.endsWith("/src/index.ts"))).toEqual([]);
});

test("every primitive runs in a world that has nothing of Node, and answers as the Node face does", () => {
  // Three things of a browser and the language itself: no Buffer, no process, no require.
  const world = createContext({ TextEncoder, TextDecoder, crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) } });
  const answers: unknown = runInContext(`${bundle.code}\nJSON.stringify((${exercise.toString()})(sotto))`, world);
  expect(JSON.parse(String(answers))).toEqual(JSON.parse(JSON.stringify(exercise(node))));
});

test("the world of that test would notice a Node API", () => {
  for (const name of ["Buffer", "process", "require", "setImmediate"])
    expect(runInContext(`typeof ${name}`, createContext({}))).toBe("undefined");
});
