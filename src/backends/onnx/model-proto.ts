/**
 * ONNX models as bytes: one protobuf message `ModelProto`, of which the few fields used here are encoded by hand.
 *
 * Source: onnx/onnx.proto of ONNX 1.12 (IR version 8, operator set 17).
 */

/** Types of tensors, with their numbers in `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A dimension: a size, or a name for one that is known when the model runs. */
export type Dimension = number | string;

/** A named input or output. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A constant. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** An attribute: a whole number, a list of them, or the body of a loop. */
export type Attribute = number | readonly number[] | GraphInfo;

/** One operation. */
export interface NodeInfo {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: { readonly [name: string]: Attribute };
}

/** A graph; nodes stand after those whose outputs they use. A loop's body uses the values of the graph around it by their names. */
export interface GraphInfo {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly NodeInfo[];
}

/** A whole model. */
export interface ModelInfo extends GraphInfo {
  /** Text that travels with the model, by name. */
  readonly metadata?: { readonly [name: string]: string };
}

const IR_VERSION = 8;
const OPERATOR_SET = 17;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_GRAPH = 5;
const ATTRIBUTE_INTS = 7;

/** Encodes a model for ONNX Runtime, or for any other reader of `.onnx` files. */
export function encodeModel(model: ModelInfo): Uint8Array {
  const metadata = Object.entries(model.metadata ?? {}).map(([name, value]) =>
    bytes(14, Buffer.concat([text(1, name), text(2, value)])),
  );
  return Buffer.concat([
    int(1, IR_VERSION),
    text(2, 'gymkhana'),
    bytes(7, encodeGraph(model)),
    bytes(8, int(2, OPERATOR_SET)),
    ...metadata,
  ]);
}

function encodeGraph(graph: GraphInfo): Uint8Array {
  return Buffer.concat([
    ...graph.nodes.map((node) => bytes(1, encodeNode(node))),
    text(2, graph.name),
    ...graph.initializers.map((initializer) => bytes(5, encodeTensor(initializer))),
    ...graph.inputs.map((value) => bytes(11, encodeValueInfo(value))),
    ...graph.outputs.map((value) => bytes(12, encodeValueInfo(value))),
  ]);
}

function encodeNode({ operator, inputs, outputs, attributes }: NodeInfo): Uint8Array {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, encodeAttribute(name, value))),
  ]);
}

function encodeAttribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([text(1, name), int(3, value), int(20, ATTRIBUTE_INT)]);
  if (!isList(value)) return Buffer.concat([text(1, name), bytes(6, encodeGraph(value)), int(20, ATTRIBUTE_GRAPH)]);
  return Buffer.concat([text(1, name), ...value.map((one) => int(8, one)), int(20, ATTRIBUTE_INTS)]);
}

function isList(value: readonly number[] | GraphInfo): value is readonly number[] {
  return Array.isArray(value);
}

function encodeTensor({ name, type, shape, values }: Initializer): Uint8Array {
  return Buffer.concat([
    ...shape.map((size) => int(1, size)),
    int(2, ELEMENT_TYPES[type]),
    text(8, name),
    bytes(9, rawData(type, values)),
  ]);
}

/** Values in little-endian order, as `raw_data` has them. */
function rawData(type: ElementType, values: readonly number[]): Uint8Array {
  const size = { float32: 4, uint8: 1, int32: 4, int64: 8, bool: 1, float64: 8 }[type];
  const data = Buffer.alloc(values.length * size);
  values.forEach((value, i) => {
    const at = i * size;
    if (type === 'float32') data.writeFloatLE(value, at);
    else if (type === 'float64') data.writeDoubleLE(value, at);
    else if (type === 'int32') data.writeInt32LE(value, at);
    else if (type === 'int64') data.writeBigInt64LE(BigInt(value), at);
    else data.writeUInt8(value, at);
  });
  return data;
}

/** `ValueInfoProto { name: 1, type: 2 { tensor_type: 1 { elem_type: 1, shape: 2 { dim: 1 { dim_value: 1 | dim_param: 2 } } } } }`. */
function encodeValueInfo({ name, type, shape }: ValueInfo): Uint8Array {
  const dimensions = shape.map((size) => bytes(1, typeof size === 'number' ? int(1, size) : text(2, size)));
  const tensor = Buffer.concat([int(1, ELEMENT_TYPES[type]), bytes(2, Buffer.concat(dimensions))]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

function varint(value: number): number[] {
  // A negative number is its 64-bit two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  const encoded: number[] = [];
  while (rest >= 128n) {
    encoded.push(Number(rest % 128n) | 128);
    rest /= 128n;
  }
  encoded.push(Number(rest));
  return encoded;
}

function int(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, Buffer.from(value, 'utf8'));
}
