import { FlError, fromUtf8, utf8 } from "@sotto/base";
import { limits } from "./limits.ts";

// Reading a field checks it. What is wrong is thrown as FlError `invalid-argument` or, over a maximum, as
// `resource-exhausted`; `codec` is the one place that turns these into refusals, so nothing thrown here leaves `wire`.

/** A field that must be there. @throws FlError `invalid-argument` */
export function present<T>(value: T | undefined, what: string): T {
  return value === undefined ? missing(what) : value;
}

/** What to do where a field should have been. @throws FlError `invalid-argument` */
export function missing(what: string): never {
  throw new FlError("invalid-argument", `${what} is missing`);
}

/** A copy of bytes of one length: a view would keep the whole received message alive. @throws FlError `invalid-argument` */
export function fixedBytes(value: Uint8Array, { sizeBytes, what }: { readonly sizeBytes: number; readonly what: string }): Uint8Array {
  if (value.length !== sizeBytes) throw new FlError("invalid-argument", `${what} of ${value.length} bytes must be ${sizeBytes}`);
  return new Uint8Array(value);
}

/** A copy of bytes: at least one, at most a maximum. @throws FlError `invalid-argument`, `resource-exhausted` */
export function someBytes(value: Uint8Array, { sizeBytesMax, what }: { readonly sizeBytesMax: number; readonly what: string }): Uint8Array {
  if (value.length === 0) throw new FlError("invalid-argument", `${what} is empty`);
  atMost(value.length, { max: sizeBytesMax, what: `bytes of ${what}` });
  return new Uint8Array(value);
}

/** A 64-byte signature. @throws FlError `invalid-argument` */
export function signature(value: Uint8Array): Uint8Array {
  return fixedBytes(value, { sizeBytes: limits.signatureSizeBytes, what: "signature" });
}

/** Text of at most so many bytes of UTF-8. @throws FlError `resource-exhausted` */
export function boundedText(text: string, { sizeBytesMax, what }: { readonly sizeBytesMax: number; readonly what: string }): string {
  // Above this many UTF-16 units it is too long whatever they are; below, counting costs little.
  atMost(text.length, { max: sizeBytesMax, what: `characters of ${what}` });
  atMost(utf8(text).length, { max: sizeBytesMax, what: `bytes of ${what}` });
  return text;
}

/** Each item read, at most so many. @throws FlError `resource-exhausted` */
export function boundedList<M, T>(
  items: readonly M[],
  { countMax, what }: { readonly countMax: number; readonly what: string },
  read: (item: M) => T,
): T[] {
  atMost(items.length, { max: countMax, what });
  return items.map((item) => read(item));
}

/** The index of a client in a cohort. @throws FlError `invalid-argument` */
export function cohortIndex(value: number): number {
  if (value >= limits.cohortSizeMax) throw new FlError("invalid-argument", `cohort index ${value} must be below ${limits.cohortSizeMax}`);
  return value;
}

/** Distinct indices in a cohort, ascending. @throws FlError `invalid-argument`, `resource-exhausted` */
export function ascendingIndices(values: readonly number[], what: string): number[] {
  return boundedList(values, { countMax: limits.holdersMax, what }, cohortIndex).map((index, i, all) => {
    if (i > 0 && index <= all[i - 1]!) throw new FlError("invalid-argument", `${what} must ascend, but ${index} follows ${all[i - 1]}`);
    return index;
  });
}

/** A count within 32 bits. @throws FlError `resource-exhausted` */
export function count(value: number, what: string): number {
  atMost(value, { max: 2 ** 31 - 1, what });
  return value;
}

/** A wait a peer asks for. @throws FlError `resource-exhausted` */
export function retryAfter(valueMs: number): number {
  atMost(valueMs, { max: limits.retryAfterMsMax, what: "milliseconds to wait" });
  return valueMs;
}

/** A wait to ask a peer for, as whole milliseconds within the maximum. */
export function wholeWait(waitMs: number): number {
  return Math.min(Math.max(Math.ceil(waitMs), 0), limits.retryAfterMsMax);
}

/** A 64-bit count as a number. @throws FlError `resource-exhausted` */
export function wideCount(value: bigint, { max, what }: { readonly max: number; readonly what: string }): number {
  if (value > BigInt(max)) throw new FlError("resource-exhausted", `${value} ${what} are over ${max}`);
  return Number(value);
}

/** A number that is one. @throws FlError `invalid-argument` */
export function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new FlError("invalid-argument", `${what} ${value} must be finite`);
  return value;
}

/** The name that a table gives a number, if it gives it to one. */
export function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, value: number): Name | undefined {
  const isName = (text: string): text is Name => Object.hasOwn(table, text);
  return Object.keys(table)
    .filter(isName)
    .find((name) => table[name] === value);
}

/** The name that a table gives a number. @throws FlError `invalid-argument` when it gives it to none */
export function named<Name extends string>(table: Readonly<Record<Name, number>>, value: number, what: string): Name {
  const name = nameOf(table, value);
  if (name === undefined) throw new FlError("invalid-argument", `${what} ${value} is unknown`);
  return name;
}

/** Text for people, cut at a whole character so that it fits, and with no half of a surrogate pair: encoding it cannot fail. */
export function cutText(text: string, sizeBytesMax: number): string {
  const bytes = utf8(text);
  let end = Math.min(bytes.length, sizeBytesMax);
  // A byte 10xxxxxx continues the character before it.
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return fromUtf8(bytes.subarray(0, end));
}

function atMost(value: number, { max, what }: { readonly max: number; readonly what: string }): void {
  if (value > max) throw new FlError("resource-exhausted", `${value} ${what} are over ${max}`);
}
