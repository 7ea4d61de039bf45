import { FlError } from "@sotto/base";
import type { LayoutEntry } from "@sotto/protocol";
import { isSameShape } from "../topology/shape.ts";

/** @throws FlError `invalid-argument` naming the first entry in which a given layout differs from the built model's */
export function assertSameLayout(given: readonly LayoutEntry[], built: readonly LayoutEntry[]): void {
  for (let i = 0; i < Math.max(given.length, built.length); i++) {
    const [a, b] = [given[i], built[i]];
    if (a === undefined || b === undefined || a.name !== b.name || !isSameShape(a.shape, b.shape))
      throw new FlError("invalid-argument", `layout entry ${i} is ${entryText(a)} where the topology has ${entryText(b)}`);
  }
}

function entryText(entry: LayoutEntry | undefined): string {
  return entry === undefined ? "nothing" : `${entry.name} [${entry.shape}]`;
}
