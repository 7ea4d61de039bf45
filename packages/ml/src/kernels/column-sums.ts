import * as tf from "@tensorflow/tfjs-core";
import { inputOf, type WasmKernel } from "./wasm-tensors.ts";

/** Sum over the leading axes, as a bias gradient is one: down the columns in memory's order, in float64. */
export const columnSum: WasmKernel = overLeadingAxes("Sum", () => 1);

/** Mean over the leading axes, as batch normalisation takes it. */
export const columnMean: WasmKernel = overLeadingAxes("Mean", (rows) => 1 / rows);

// The stock kernel transposes first. It keeps every other reduction.
function overLeadingAxes(name: "Sum" | "Mean", factor: (rows: number) => number): WasmKernel {
  return (tensors, inputs, attributes) => {
    const x = inputOf(inputs, "x");
    const axes = axesOf(attributes["axis"], x.shape);
    const kept = x.shape.slice(axes.length);
    const columns = tf.util.sizeFromShape(kept);
    const leading = axes.length > 0 && kept.length > 0 && axes.every((axis, i) => axis === i);
    if (x.dtype !== "float32" || !leading || columns < 2) return tensors.stock(name, { x }, attributes);
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
    const made = tensors.output(attributes["keepDims"] === true ? [...axes.map(() => 1), ...kept] : kept);
    const [from, to, sums] = [tensors.floats(x), tensors.floats(made), new Float64Array(columns)];
    for (let row = 0, at = 0; row < rows; row++) for (let column = 0; column < columns; column++, at++) sums[column]! += from[at]!;
    const times = factor(rows);
    for (let column = 0; column < columns; column++) to[column] = sums[column]! * times;
    return made;
  };
}

function axesOf(attribute: unknown, shape: number[]): number[] {
  const given = typeof attribute === "number" ? [attribute] : Array.isArray(attribute) ? attribute : null;
  const axes: number[] = given === null ? shape.map((_size, axis) => axis) : tf.util.parseAxisParam([...given], shape);
  return axes.toSorted((a, b) => a - b);
}
