/** Builds a graph of ONNX operators, value by value; `differentiate.ts` adds the gradient to it. */
import {
  type Attribute,
  type Dimension,
  type ElementType,
  encodeModel,
  type GraphInfo,
  type Initializer,
  type NodeInfo,
  type ValueInfo,
} from './model-proto.js';

export type Shape = readonly Dimension[];

/** A value of the graph: an input, a constant, or what an operation gives. */
export interface Value extends ValueInfo {
  /** The operation it comes from; null for inputs and constants. */
  readonly operation: Operation | null;
  /** Elements of a constant; null for anything else. */
  readonly constant: readonly number[] | null;
}

/** One use of an operator. */
export interface Operation {
  readonly operator: string;
  readonly inputs: readonly Value[];
  readonly attributes: { readonly [name: string]: Attribute };
}

/** What one result of an operation is. */
export interface Result {
  readonly shape: Shape;
  readonly type: ElementType;
}

/** A graph under construction. Floats are all of one type: float32, or float64 where a test wants the digits. */
export class Graph {
  readonly float: 'float32' | 'float64';
  /** What operations give, in their order. */
  readonly values: Value[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs = new Map<string, Value>();
  readonly #constants = new Map<string, Value>();
  readonly #prefix: string;

  /** `prefix` keeps the names of a loop's body apart from those of the graph around it. */
  constructor(float: 'float32' | 'float64' = 'float32', prefix = '') {
    this.float = float;
    this.#prefix = prefix;
  }

  /** Declares an input. A named dimension is known when the model runs. */
  input(name: string, shape: Shape, type: ElementType = this.float): Value {
    const value = { name, type, shape, operation: null, constant: null };
    this.#inputs.push(value);
    return value;
  }

  /** A constant, row-major; equal ones are the same value. */
  constant(values: readonly number[], shape: readonly number[], type: ElementType = this.float): Value {
    const key = `${type} ${shape.join('x')}: ${values.join(' ')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = {
      name: `${this.#prefix}constant${this.#constants.size}`,
      type,
      shape,
      operation: null,
      constant: values,
    };
    this.#constants.set(key, value);
    return value;
  }

  /** A number that goes with values of any shape of rank 2. */
  scalar(value: number): Value {
    return this.constant([value], [1, 1]);
  }

  /** Adds an operation whose result has this shape. */
  add(
    operator: string,
    inputs: readonly Value[],
    shape: Shape,
    attributes: Operation['attributes'] = {},
    type: ElementType = this.float,
  ): Value {
    return this.addAll(operator, inputs, [{ shape, type }], attributes)[0]!;
  }

  /** Adds an operation with several results. */
  addAll(
    operator: string,
    inputs: readonly Value[],
    results: readonly Result[],
    attributes: Operation['attributes'] = {},
  ): Value[] {
    const operation = { operator, inputs, attributes };
    return results.map(({ shape, type }) => {
      const value = { name: `${this.#prefix}value${this.values.length}`, type, shape, operation, constant: null };
      this.values.push(value);
      return value;
    });
  }

  /** Gives an operation's result out under a name. */
  output(name: string, value: Value): void {
    const taken = [...this.#outputs.values()].includes(value);
    if (value.operation === null || taken) throw new Error(`internal: output '${name}' needs a result of its own`);
    this.#outputs.set(name, value);
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  get constants(): readonly Value[] {
    return [...this.#constants.values()];
  }

  get outputs(): ReadonlyMap<string, Value> {
    return this.#outputs;
  }

  /** The graph as a message has it. */
  describe(name: string): GraphInfo {
    const names = new Map([...this.#outputs].map(([output, value]) => [value.name, output]));
    const named = (value: Value): string => names.get(value.name) ?? value.name;
    const results = new Map<Operation, Value[]>();
    for (const value of this.values) {
      const operation = value.operation!;
      results.set(operation, [...(results.get(operation) ?? []), value]);
    }
    return {
      name,
      inputs: this.#inputs,
      outputs: [...this.#outputs].map(([output, { type, shape }]) => ({ name: output, type, shape })),
      initializers: this.constants.map(
        ({ name, type, shape, constant }): Initializer => ({ name, type, shape: shape as number[], values: constant! }),
      ),
      nodes: [...results].map(
        ([{ operator, inputs, attributes }, values]): NodeInfo => ({
          operator,
          inputs: inputs.map(named),
          outputs: values.map(named),
          attributes,
        }),
      ),
    };
  }

  /** The model's bytes; `metadata` is text for whoever opens it. */
  encode(name: string, metadata: { readonly [name: string]: string } = {}): Uint8Array {
    return encodeModel({ ...this.describe(name), metadata });
  }
}
