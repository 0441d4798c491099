import type { Graph } from '../../../src/backends/onnx/graph.js';
import { type Binding, createSession } from '../../../src/backends/onnx/runtime.js';

/** A graph's results as functions of its inputs, all of the graph's type of float. */
export async function compiled(
  graph: Graph,
  outputs: Readonly<Record<string, readonly number[]>>,
): Promise<(inputs: Readonly<Record<string, Binding>>) => Promise<Record<string, Float64Array | Float32Array>>> {
  const session = await createSession(graph.encode('test'));
  const Floats = graph.float === 'float64' ? Float64Array : Float32Array;
  return async (inputs) => {
    const results = Object.fromEntries(
      Object.entries(outputs).map(([name, shape]) => [
        name,
        { data: new Floats(shape.reduce((product, size) => product * size, 1)), shape },
      ]),
    );
    await session.run(session.bind(inputs, results));
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
  };
}

/** A float64 input. */
export function doubles(values: ArrayLike<number>, shape: readonly number[]): Binding {
  return { data: Float64Array.from(values), shape };
}

/** A float32 input. */
export function singles(values: ArrayLike<number>, shape: readonly number[]): Binding {
  return { data: Float32Array.from(values), shape };
}
