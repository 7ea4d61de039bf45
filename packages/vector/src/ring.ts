import { FlError } from "@sotto/base";

/** Adds `source` to `target` lane by lane modulo 2^32. The caller owns both. @throws FlError `invalid-argument` on different lengths */
export function addInto(target: Uint32Array, source: Uint32Array): void {
  assertSameLength(target, source);
  for (let i = 0; i < target.length; i++) target[i] = (target[i]! + source[i]!) | 0;
}

/** Subtracts `source` from `target` lane by lane modulo 2^32. The caller owns both. @throws FlError `invalid-argument` on different lengths */
export function subtractInto(target: Uint32Array, source: Uint32Array): void {
  assertSameLength(target, source);
  for (let i = 0; i < target.length; i++) target[i] = (target[i]! - source[i]!) | 0;
}

function assertSameLength(target: Uint32Array, source: Uint32Array): void {
  if (target.length === source.length) return;
  throw new FlError("invalid-argument", `${source.length} lanes do not match the ${target.length} they are to change`);
}
