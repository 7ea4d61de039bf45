import { FlError, utf8 } from "@sotto/base";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one JSON text of a value, as UTF-8: keys sorted by code unit, no spaces, numbers as ECMAScript prints them
 * (RFC 8785 without its I-JSON checks). Equal values give equal bytes, so that the bytes can be hashed.
 * @throws FlError `invalid-argument` on a number that is not finite
 */
export function canonicalJson(value: Json): Uint8Array {
  return utf8(write(value));
}

function write(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new FlError("invalid-argument", `JSON cannot hold the number ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(write).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(value[key]!)}`);
  return `{${members.join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
