/** One measured figure of a benchmark, with the bound it must keep. */
export interface Figure {
  /** Stable name: `round/overhead-median`. */
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** The bound as text, `≤ 0.5`; empty when there is none. */
  readonly bound: string;
  /** Whether the bound is kept; true when there is none. */
  readonly holds: boolean;
}

/** A figure that must not be above `max`. */
export function atMost(id: string, { value, unit, max }: { readonly value: number; readonly unit: string; readonly max: number }): Figure {
  return { id, value, unit, bound: `≤ ${max}`, holds: value <= max };
}

/** A figure that must not be below `min`. */
export function atLeast(id: string, { value, unit, min }: { readonly value: number; readonly unit: string; readonly min: number }): Figure {
  return { id, value, unit, bound: `≥ ${min}`, holds: value >= min };
}

/** A figure that is told, not bounded. */
export function told(id: string, { value, unit }: { readonly value: number; readonly unit: string }): Figure {
  return { id, value, unit, bound: "", holds: true };
}

/** The middle value; the mean of the two middle ones when there is none. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The arithmetic mean. NaN for an empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
