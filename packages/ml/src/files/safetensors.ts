import { concatBytes, FlError, utf8 } from "@sotto/base";
import { parseJson, parseWith, schema } from "@sotto/schema";
import { encodeFloat32 } from "./float32-bytes.ts";
import { assertVectorFits, fileShape, type ModelFile, modelFileOf } from "./model-file.ts";

const metadataName = "__metadata__";
const lengthBytes = 8;

/**
 * Weights alone as one safetensors file: the length of the header (8 bytes, little-endian), the header as JSON padded to a
 * multiple of 8, then the values of every tensor in the order of the layout.
 * https://github.com/huggingface/safetensors#format
 * @throws FlError `invalid-argument` when vector and layout do not fit
 */
export function safetensors(model: ModelFile & { readonly metadata: Readonly<Record<string, string>> }): Uint8Array {
  assertVectorFits(model);
  let end = 0;
  const entries = model.layout.map(({ name, shape }) => {
    const start = end;
    end += 4 * shape.reduce((size, dimension) => size * dimension, 1);
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries([[metadataName, model.metadata], ...entries]));
  const json = utf8(text);
  const padding = new Uint8Array((lengthBytes - (json.length % lengthBytes)) % lengthBytes).fill(0x20);
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length + padding.length), true);
  return concatBytes(length, json, padding, encodeFloat32(model.vector));
}

/**
 * Reads a safetensors file whose tensors are all float32; the layout is in the order of the values.
 * @throws FlError `invalid-argument` on a malformed header, another type, gaps or overlaps
 */
export function readSafetensors(bytes: Uint8Array): ModelFile & { readonly metadata: Readonly<Record<string, string>> } {
  const header = headerOf(bytes);
  const { [metadataName]: metadata, ...tensors } = parseJson(headerSchema, header, "safetensors header");
  const entries = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, ...parseWith(tensorSchema, tensor, `tensor ${JSON.stringify(name)}`) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
  let end = 0;
  for (const { name, shape, data_offsets } of entries) {
    const size = 4 * shape.reduce((product, dimension) => product * dimension, 1);
    if (data_offsets[0] !== end || data_offsets[1] !== end + size)
      throw new FlError(
        "invalid-argument",
        `tensor ${JSON.stringify(name)} lies at [${data_offsets}] and must lie at ${end}, ${size} bytes long`,
      );
    end += size;
  }
  const layout = entries.map(({ name, shape }) => ({ name, shape }));
  const file = modelFileOf(layout, bytes.subarray(lengthBytes + header.length));
  return { ...file, metadata: metadata === undefined ? {} : parseWith(metadataSchema, metadata, metadataName) };
}

const headerSchema = schema.record(schema.string(), schema.unknown());
const metadataSchema = schema.record(schema.string(), schema.string());
const offset = schema.number().int().min(0);
const tensorSchema = schema.strictObject({
  dtype: schema.literal("F32"),
  shape: fileShape,
  data_offsets: schema.tuple([offset, offset]),
});

function headerOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length < lengthBytes) throw new FlError("invalid-argument", `safetensors file of ${bytes.length} bytes has no header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0, true);
  if (length > BigInt(bytes.length - lengthBytes))
    throw new FlError("invalid-argument", `safetensors header of ${length} bytes reaches past the file's ${bytes.length}`);
  return bytes.subarray(lengthBytes, lengthBytes + Number(length));
}
