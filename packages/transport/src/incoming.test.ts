import { FlError } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";
import { type BlobPart, type BlobSummary, coordinatorMethods } from "@sotto/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collect, live, patterned } from "./contract/connection.ts";
import { IncomingBlob } from "./incoming.ts";

const { response } = coordinatorMethods.downloadModel;

async function* messagesOf(parts: readonly BlobPart[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield response.encode(part);
}

function incoming(parts: readonly BlobPart[], declared: BlobSummary): IncomingBlob {
  return new IncomingBlob({ messages: messagesOf(parts), decode: response.decode, declared, signal: live() });
}

const blob = patterned(4000);
const declared: BlobSummary = { digest: sha256Digest(blob), sizeBytes: blob.length };

/** The blob cut at the given places. */
function cut(places: readonly number[]): BlobPart[] {
  const ends = [...new Set(places), blob.length].filter((end) => end > 0).sort((a, b) => a - b);
  return ends.map((end, i) => ({ kind: "chunk", data: blob.subarray(ends[i - 1] ?? 0, end), last: end === blob.length }));
}

test("a blob cut anywhere comes whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(blob.length), { maxLength: 8 }), async (places) => {
      const whole = incoming(cut(places), declared);
      expect(await collect(whole)).toEqual(blob);
      expect(whole.verdict).toEqual({ kind: "complete" });
    }),
  );
});

test("a blob with a part left out, doubled, swapped, altered or never marked last does not count", async () => {
  const places = fc.uniqueArray(fc.integer({ min: 1, max: blob.length - 1 }), { minLength: 2, maxLength: 8 });
  const harms = fc.constantFrom("omit", "double", "swap", "alter", "unmark");
  await fc.assert(
    fc.asyncProperty(places, harms, fc.nat(), async (at, kind, which) => {
      const parts = cut(at);
      const harmed = incoming(harmedBy(parts, kind, which % parts.length), declared);
      const outcome = collect(harmed);
      await expect(outcome).rejects.toMatchObject({ name: "FlError", code: "aborted" });
      expect(harmed.verdict).toMatchObject({ kind: "refused" });
    }),
  );
});

/** The parts with one of them harmed. */
function harmedBy(parts: readonly BlobPart[], kind: string, which: number): BlobPart[] {
  const [before, part, after] = [parts.slice(0, which), parts[which]!, parts.slice(which + 1)];
  if (part.kind !== "chunk") throw new FlError("internal", "only chunks are harmed");
  switch (kind) {
    case "omit":
      return [...before, ...after];
    case "double":
      return [...before, { ...part, last: false }, part, ...after];
    case "swap":
      return after.length === 0 ? [part, ...before] : [...before, after[0]!, part, ...after.slice(1)];
    case "alter":
      return [...before, { ...part, data: part.data.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }, ...after];
    default:
      return parts.map((each) => (each.kind === "chunk" ? { ...each, last: false } : each));
  }
}

test("the last chunk is handed over only when length and digest hold", async () => {
  const seen: number[] = [];
  const wrong = incoming(cut([1000]), { ...declared, digest: sha256Digest(patterned(1)) });
  const iteration = (async () => {
    for await (const chunk of wrong) seen.push(chunk.length);
  })();
  await expect(iteration).rejects.toMatchObject({ code: "aborted" });
  expect(seen).toEqual([1000]);
  expect(wrong.verdict).toMatchObject({ refusal: { code: "digest-mismatch" } });
});

test("an empty blob is one empty last chunk", async () => {
  const empty = incoming([{ kind: "chunk", data: new Uint8Array(), last: true }], { digest: sha256Digest(new Uint8Array()), sizeBytes: 0 });
  expect(await collect(empty)).toHaveLength(0);
  expect(empty.verdict).toEqual({ kind: "complete" });
});

test("a blob that is left stays open", async () => {
  const left = incoming(cut([10, 20]), declared);
  for await (const chunk of left) if (chunk.length > 0) break;
  expect(left.verdict).toEqual({ kind: "open" });
});
