import { assertNever } from "@sotto/base";
import type { RandomStream } from "../random.ts";
import type { Initializer } from "../topology/initializer.ts";
import type { WeightSpec } from "../topology/layer-rule.ts";
import { type Shape, sizeOf } from "../topology/shape.ts";

/** First values of a weight, drawn in float64 by plain arithmetic and so the same on every backend. */
export function initialValues(weight: Pick<WeightSpec, "shape" | "initializer">, random: RandomStream): Float32Array {
  return Float32Array.from(draw(weight.initializer, weight.shape, random));
}

function draw(initializer: Initializer, shape: Shape, random: RandomStream): Float64Array {
  const values = new Float64Array(sizeOf(shape));
  switch (initializer.kind) {
    case "constant":
      return values.fill(initializer.value);
    case "uniform":
      return values.map(() => initializer.min + (initializer.max - initializer.min) * random.uniform());
    case "normal": {
      const { mean, deviation, truncated } = initializer;
      return values.map(() => mean + deviation * (truncated ? truncatedNormal(random) : random.normal()));
    }
    case "scaled":
      return scaled(initializer, shape, random);
    case "orthogonal":
      return orthogonal(initializer.gain, shape, random);
    case "forget-gate-open":
      return draw(initializer.base, shape, random).fill(1, values.length / 4, values.length / 2);
    default:
      return assertNever(initializer);
  }
}

/** Standard deviation of a standard normal cut off at 2. */
const truncatedDeviation = 0.87962566103423978;

function scaled(initializer: Extract<Initializer, { kind: "scaled" }>, shape: Shape, random: RandomStream): Float64Array {
  const variance = initializer.scale / Math.max(1, fanOf(shape)[initializer.fan]);
  const values = new Float64Array(sizeOf(shape));
  if (initializer.distribution === "uniform") return values.map(() => Math.sqrt(3 * variance) * (2 * random.uniform() - 1));
  return values.map(() => (Math.sqrt(variance) / truncatedDeviation) * truncatedNormal(random));
}

function truncatedNormal(random: RandomStream): number {
  let value = random.normal();
  while (Math.abs(value) > 2) value = random.normal();
  return value;
}

// As Keras counts: the leading dimensions of a kernel are a receptive field.
function fanOf(shape: Shape): { readonly in: number; readonly out: number; readonly average: number } {
  const field = sizeOf(shape.slice(0, -2));
  const [before, after] = [field * (shape.at(-2) ?? shape.at(-1) ?? 1), field * (shape.at(-1) ?? 1)];
  return { in: before, out: after, average: (before + after) / 2 };
}

/** Orthonormal columns, or rows when there are fewer of those, times the gain: Gram and Schmidt, twice for float64's sake. */
function orthogonal(gain: number, shape: Shape, random: RandomStream): Float64Array {
  const columns = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / columns;
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  while (vectors.length < Math.min(rows, columns)) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const base of [...vectors, ...vectors]) subtractProjectionInto(vector, base);
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return gain * (rows >= columns ? vectors[column]![row]! : vectors[row]![column]!);
  });
}

function subtractProjectionInto(vector: Float64Array, base: Float64Array): void {
  const along = dot(vector, base);
  for (let i = 0; i < vector.length; i++) vector[i]! -= along * base[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
