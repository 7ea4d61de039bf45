/** A value with one thing changed in it. */
export interface Doctored<T> {
  /** Where and how, for people. */
  readonly what: string;
  readonly value: T;
}

/** How a text is replaced by others that could stand in its place. */
export type OtherTexts = (text: string) => readonly string[];

/**
 * Every copy of `value` with one thing changed: a bit of some bytes flipped, a byte fewer or more, a number one up or down, another text, an item of a list
 * left out, doubled or in the place of its neighbour, two fields of one kind swapped. Plain data, bytes and lists only.
 */
export function doctored<T>(value: T, otherTexts: OtherTexts): readonly Doctored<T>[] {
  return changesOf(value, otherTexts).map(({ what, value: changed }) => ({ what, value: changed as T }));
}

function changesOf(value: unknown, otherTexts: OtherTexts): readonly Doctored<unknown>[] {
  if (value instanceof Uint8Array) return otherBytes(value);
  if (typeof value === "number") return otherNumbers(value);
  if (typeof value === "string") return otherTexts(value).map((text) => ({ what: `= ${text}`, value: text }));
  if (Array.isArray(value)) return [...otherLists(value), ...within(value, otherTexts)];
  if (typeof value === "object" && value !== null) return [...swappedFields(value), ...within(value, otherTexts)];
  return [];
}

function otherBytes(bytes: Uint8Array): readonly Doctored<Uint8Array>[] {
  const longer = { what: "a byte more", value: Uint8Array.from([...bytes, 0]) };
  if (bytes.length === 0) return [longer];
  const places = [...new Set([0, bytes.length >> 1, bytes.length - 1])];
  return [
    ...places.map((at) => ({ what: `byte ${at} flipped`, value: bytes.with(at, bytes[at]! ^ 1) })),
    { what: "a byte fewer", value: bytes.slice(0, -1) },
    { what: "no bytes", value: new Uint8Array(0) },
    longer,
  ];
}

function otherNumbers(value: number): readonly Doctored<number>[] {
  const others = new Set([value - 1, value + 1, 0, 2 ** 31, 2 ** 32 - 1]);
  return [...others].filter((other) => other !== value && other >= 0).map((other) => ({ what: `= ${other}`, value: other }));
}

function otherLists(list: readonly unknown[]): readonly Doctored<unknown>[] {
  const pairs = Array.from({ length: Math.max(0, list.length - 1) }, (_, i) => i);
  return [
    ...list.map((_, i) => ({ what: `[${i}] left out`, value: list.toSpliced(i, 1) })),
    ...list.map((item, i) => ({ what: `[${i}] doubled`, value: list.toSpliced(i, 0, item) })),
    ...pairs.map((i) => ({ what: `[${i}] and its neighbour swapped`, value: list.with(i, list[i + 1]).with(i + 1, list[i]) })),
  ];
}

/** Each two fields that hold bytes, or numbers, and differ. */
function swappedFields(record: object): readonly Doctored<unknown>[] {
  const fields = Object.entries(record);
  const pairs = fields.flatMap((one, i) => fields.slice(i + 1).map((other) => [one, other] as const));
  return pairs
    .filter(([[, a], [, b]]) => isSwappable(a, b))
    .map(([[a, valueOfA], [b, valueOfB]]) => ({ what: `${a} and ${b} swapped`, value: { ...record, [a]: valueOfB, [b]: valueOfA } }));
}

function isSwappable(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.join() !== b.join();
  return typeof a === "number" && typeof b === "number" && a !== b;
}

/** The changes of each part, in the whole. */
function within(whole: object, otherTexts: OtherTexts): readonly Doctored<unknown>[] {
  return Object.entries(whole).flatMap(([name, part]) =>
    changesOf(part, otherTexts).map(({ what, value }) => ({
      what: `${name} ${what}`,
      value: Array.isArray(whole) ? whole.with(Number(name), value) : { ...whole, [name]: value },
    })),
  );
}
