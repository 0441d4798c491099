import type { Graph } from '../../../src/backends/onnx/graph.js';
import { type Binding, createSession } from '../../../src/backends/onnx/runtime.js';

/** A graph's results as functions of its inputs, all float64. */
export async function compiled(
  graph: Graph,
  outputs: Readonly<Record<string, readonly number[]>>,
): Promise<(inputs: Readonly<Record<string, Binding>>) => Promise<Record<string, Float64Array>>> {
  const session = await createSession(graph.encode('test'));
  return async (inputs) => {
    const results = Object.fromEntries(
      Object.entries(outputs).map(([name, shape]) => [
        name,
        { data: new Float64Array(shape.reduce((product, size) => product * size, 1)), shape },
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
