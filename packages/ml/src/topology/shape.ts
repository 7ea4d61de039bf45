/** Sizes of an array's dimensions; of one row, so without the batch dimension. */
export type Shape = readonly number[];

/** How many values an array of this shape holds: 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

/** Whether two shapes have the same dimensions. */
export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
