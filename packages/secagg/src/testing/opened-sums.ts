import { toHex } from "@sotto/base";
import type { MaskStreams } from "../masking.ts";

// The exact privacy test of SECAGG 3. Every key a client masks with is a formal symbol; the coordinator knows a symbol when what it has gives the key. The
// combinations of masked contributions that are free of unknown symbols are all it can open. Over the integers modulo 2^32, or any smaller power of 2, they
// must be the multiples of the sum of the survivors, or nothing.

/** A masked contribution as formal symbols: the names of the keys whose streams are in it, with their signs. */
export type MaskRow = ReadonlyMap<string, 1 | -1>;

/** What a coordinator has to open sums with. */
export interface CoordinatorView {
  /** Every masked contribution that left an honest client, in any order. */
  readonly rows: readonly MaskRow[];
  /** The names of the keys that it has or can make: those of revealed or rebuilt secrets, and those that a client in league with it shares. */
  readonly known: ReadonlySet<string>;
}

/** A set of contributions that opens to the coordinator. */
export interface OpenedSum {
  /** Positions among the rows, ascending. */
  readonly rows: readonly number[];
  /** Whether what opens is their plain sum, modulo any power of 2, and not just the low bits of it. */
  readonly isPlain: boolean;
}

/** The row of these masks, each named by its key. */
export function maskRow(masks: MaskStreams): MaskRow {
  return new Map(masks.map(({ key, sign }) => [maskName(key), sign]));
}

/** The name of a mask in a {@link MaskRow}: its key in hexadecimal. */
export function maskName(key: Uint8Array): string {
  return toHex(key);
}

/**
 * A basis of all that opens: the left kernel, modulo 2, of the matrix of unknown symbols. A matrix of rank r modulo 2 has an invertible minor of that size
 * modulo 2^32 too. So with no set nothing opens; with one whose sum is plain, its multiples and nothing else do; with two the promise is broken.
 */
export function openedSums({ rows, known }: CoordinatorView): readonly OpenedSum[] {
  const columns = columnsOf(rows, known);
  const pivots: (Reduced & { readonly column: number })[] = [];
  const open: OpenedSum[] = [];
  for (const [position, row] of rows.entries()) {
    const reduced = unreduced({ row, columns, position, rowCount: rows.length });
    for (const pivot of pivots) {
      if (!hasBit(reduced.cells, pivot.column)) continue;
      xorInto(reduced.cells, pivot.cells);
      xorInto(reduced.members, pivot.members);
    }
    const column = firstBit(reduced.cells);
    if (column >= 0) pivots.push({ ...reduced, column });
    else open.push(openedBy(rows, known, reduced.members));
  }
  return open;
}

/** One row under elimination, as bits: which unknown symbols are in it, and which rows were added up to it. */
interface Reduced {
  readonly cells: Uint32Array;
  readonly members: Uint32Array;
}

function columnsOf(rows: readonly MaskRow[], known: ReadonlySet<string>): ReadonlyMap<string, number> {
  const symbols = new Set(rows.flatMap((row) => [...row.keys()]));
  return new Map([...symbols].filter((symbol) => !known.has(symbol)).map((symbol, column) => [symbol, column]));
}

function unreduced(input: {
  readonly row: MaskRow;
  readonly columns: ReadonlyMap<string, number>;
  readonly position: number;
  readonly rowCount: number;
}): Reduced {
  const cells = new Uint32Array((input.columns.size + 31) >>> 5);
  for (const symbol of input.row.keys()) {
    const column = input.columns.get(symbol);
    if (column !== undefined) setBitInto(cells, column);
  }
  const members = new Uint32Array((input.rowCount + 31) >>> 5);
  setBitInto(members, input.position);
  return { cells, members };
}

function openedBy(rows: readonly MaskRow[], known: ReadonlySet<string>, members: Uint32Array): OpenedSum {
  const set = rows.flatMap((_, position) => (hasBit(members, position) ? [position] : []));
  const total = new Map<string, number>();
  for (const position of set) for (const [symbol, sign] of rows[position]!) total.set(symbol, (total.get(symbol) ?? 0) + sign);
  return { rows: set, isPlain: [...total].every(([symbol, sum]) => sum === 0 || known.has(symbol)) };
}

function setBitInto(bits: Uint32Array, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31);
}

function hasBit(bits: Uint32Array, at: number): boolean {
  return ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1;
}

function xorInto(bits: Uint32Array, other: Uint32Array): void {
  for (let word = 0; word < bits.length; word++) bits[word]! ^= other[word]!;
}

/** -1 when there is none. */
function firstBit(bits: Uint32Array): number {
  const word = bits.findIndex((value) => value !== 0);
  return word < 0 ? -1 : 32 * word + 31 - Math.clz32(bits[word]! & -bits[word]!);
}
