import { FlError } from "@sotto/base";
import type { Lanes } from "./lanes.ts";

/**
 * Adds `source` to `target` lane by lane, modulo 2^16 or 2^32 by their width. The caller owns both. For many vectors a `LaneAdder` is faster.
 * @throws FlError `invalid-argument` on different lengths or widths
 */
export function addInto(target: Lanes, source: Lanes): void {
  assertSameLength(target, source);
  if (target instanceof Uint32Array && source instanceof Uint32Array) add32Into(target, source);
  else if (target instanceof Uint16Array && source instanceof Uint16Array) add16Into(target, source);
  else throw differentWidths(target, source);
}

/**
 * Subtracts `source` from `target` lane by lane, modulo 2^16 or 2^32 by their width. The caller owns both.
 * @throws FlError `invalid-argument` on different lengths or widths
 */
export function subtractInto(target: Lanes, source: Lanes): void {
  assertSameLength(target, source);
  if (target instanceof Uint32Array && source instanceof Uint32Array) subtract32Into(target, source);
  else if (target instanceof Uint16Array && source instanceof Uint16Array) subtract16Into(target, source);
  else throw differentWidths(target, source);
}

// One function a width: a loop that has seen arrays of two types runs at a third of the speed ever after (SECAGG 5.3).

function add16Into(target: Uint16Array, source: Uint16Array): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + source[i]!;
}

function add32Into(target: Uint32Array, source: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i]! + source[i]!) | 0;
}

function subtract16Into(target: Uint16Array, source: Uint16Array): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! - source[i]!;
}

function subtract32Into(target: Uint32Array, source: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i]! - source[i]!) | 0;
}

function assertSameLength(target: Lanes, source: Lanes): void {
  if (target.length === source.length) return;
  throw new FlError("invalid-argument", `${source.length} lanes do not match the ${target.length} they are to change`);
}

function differentWidths(target: Lanes, source: Lanes): FlError {
  const [width, other] = [8 * source.BYTES_PER_ELEMENT, 8 * target.BYTES_PER_ELEMENT];
  return new FlError("invalid-argument", `lanes of ${width} bits do not match those of ${other} bits they are to change`);
}
