/** Reverse-mode differentiation: adds to a graph the operations that compute its gradient. */
import type { Graph, Value } from './graph.js';
import { add, DERIVATIVES } from './operators.js';

/**
 * Adds the slopes of `loss`, of shape [1, 1], by each of `wanted`, in their order and shapes. Operations run backwards from the
 * loss, and only those between it and what is wanted.
 */
export function differentiate(graph: Graph, loss: Value, wanted: readonly Value[]): Value[] {
  const forward = [...graph.values];
  const active = new Set<Value>(wanted);
  for (const value of forward) {
    if (value.operation?.inputs.some((input) => active.has(input))) active.add(value);
  }
  const slopes = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  for (const output of forward.reverse()) {
    const slope = slopes.get(output);
    if (slope === undefined || !active.has(output)) continue;
    const { operator, inputs, attributes } = output.operation!;
    const rule = DERIVATIVES[operator];
    if (rule === undefined) throw new Error(`internal: ${operator} has no derivative rule`);
    const wants = (input: number): boolean => active.has(inputs[input]!);
    rule({ graph, inputs, attributes, output, slope, wants }).forEach((term, k) => {
      const input = inputs[k]!;
      if (term === null || !active.has(input)) return;
      const before = slopes.get(input);
      slopes.set(input, before === undefined ? term : add(graph, before, term));
    });
  }
  return wanted.map((value) => {
    const slope = slopes.get(value);
    if (slope === undefined) throw new Error(`internal: the loss does not depend on '${value.name}'`);
    return slope;
  });
}
