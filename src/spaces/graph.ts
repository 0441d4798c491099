import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { arrayFromJSON, invalidSpace, preview } from './arrays.js';
import { type BatchOf, batchSpace, iterate } from './batch.js';
import { Box } from './box.js';
import { invalidValue, isPlainObject, maskList, partMasks, requireSpace, samplePart } from './composite.js';
import { Discrete } from './discrete.js';
import { invalidSeeds, type Seeds, subseeds } from './seeds.js';
import { type SampleMasks, Space } from './space.js';

/** A graph of `n` nodes and `m` edges. */
export interface GraphValue<N = unknown, E = unknown> {
  /** One batch of the nodes' values. */
  nodes: BatchOf<N>;
  /** One batch of the edges' values; null without edges. */
  edges: BatchOf<E> | null;
  /** From and to of each edge, `[m, 2]` row-major, as places of nodes; null without edges. */
  edgeLinks: Int32Array | null;
}

/** What `sample` of a Graph can be told. */
export interface GraphSampleOptions extends SampleMasks {
  /** 10 by default. */
  readonly numNodes?: number;
  /** Random by default, below `numNodes * (numNodes - 1)`. */
  readonly numEdges?: number | null;
}

/** Graphs whose nodes and edges have values of Box or Discrete spaces; values are `{ nodes, edges, edgeLinks }`. */
export class Graph<N extends Space = Space, E extends Space | null = Space | null> extends Space<
  GraphValue<N, Exclude<E, null>>
> {
  readonly type = 'Graph';
  readonly shape = null;
  readonly dtype = null;
  readonly nodeSpace: N;
  /** Null for graphs without edges. */
  readonly edgeSpace: E;

  /** @throws `INVALID_SPACE` unless the nodes are a Box or Discrete, and the edges too, or null. */
  constructor(nodeSpace: N, edgeSpace: E) {
    super();
    requireSpace('Graph', 'the nodes', nodeSpace);
    if (edgeSpace !== null) requireSpace('Graph', 'the edges', edgeSpace);
    for (const space of [nodeSpace, edgeSpace]) {
      if (space === null || (space as Space) instanceof Box || (space as Space) instanceof Discrete) continue;
      throw invalidSpace(`Expected nodes and edges of a Graph space as Box or Discrete spaces, got ${space}.`, {
        expected: 'Box or Discrete',
        got: String(space),
      });
    }
    this.nodeSpace = nodeSpace;
    this.edgeSpace = edgeSpace;
  }

  override seed(seed: Seeds = null): Seeds {
    const parts: readonly Space[] = this.edgeSpace === null ? [this.nodeSpace] : [this.nodeSpace, this.edgeSpace];
    if (typeof seed === 'number') {
      super.seed(seed);
      const seeds = subseeds(this, parts.length);
      super.seed(seed);
      return [seed, ...parts.map((space, k) => space.seed(seeds[k]!))];
    }
    const length = parts.length + 1;
    if (seed !== null && (!Array.isArray(seed) || seed.length !== length))
      throw invalidSeeds(this, `a number or a list of ${length}, its own first`, seed);
    const seeds = seed as readonly Seeds[] | null;
    return [super.seed(seeds?.[0] ?? null), ...parts.map((space, k) => space.seed(seeds?.[k + 1] ?? null))];
  }

  /**
   * A random graph. `mask` and `probability` are `[nodes, edges]`: what the batch of nodes takes, and what each edge takes (with
   * `numEdges`, what the batch of edges takes), null for nothing.
   * @throws `INVALID_MASK`, `INVALID_OPTION`
   */
  sample(options: GraphSampleOptions = {}): GraphValue<N, Exclude<E, null>> {
    const { numNodes = 10, numEdges = null } = options;
    for (const [field, value, from] of [
      ['numNodes', numNodes, 1],
      ['numEdges', numEdges ?? 0, 0],
    ] as const) {
      if (Number.isSafeInteger(value) && value >= from) continue;
      const expected = `a whole number from ${from}`;
      throw usageError('INVALID_OPTION', `Expected ${field} of a Graph sample as ${expected}, got ${preview(value)}.`, {
        expected,
        got: preview(value),
        field,
      });
    }
    const masks = partMasks(options);
    const kind = masks?.kind ?? 'mask';
    const parts = masks === null ? [null, null] : maskList(this, masks.kind, masks.parts, 2);
    let edgeMask: unknown = parts[1] ?? null;
    let edgeCount = numEdges ?? 0;
    if (numEdges === null) {
      if (numNodes > 1) edgeCount = this.generator.integers(numNodes * (numNodes - 1));
      if (edgeMask !== null) edgeMask = Array.from({ length: edgeCount }, () => edgeMask);
    }
    const nodes = samplePart(batchSpace(this.nodeSpace, numNodes), kind, parts[0]) as BatchOf<N>;
    // The batched space samples from a copy of the nodes' generator, which therefore has to move on by itself.
    this.nodeSpace.generator.random();
    const edgeSpace = this.edgeSpace;
    if (edgeCount < 1 || edgeSpace === null) return { nodes, edges: null, edgeLinks: null };
    const edges = samplePart(batchSpace(edgeSpace, edgeCount), kind, edgeMask) as BatchOf<Exclude<E, null>>;
    edgeSpace.generator.random();
    const edgeLinks = this.generator.integersArray('int32', 0, numNodes, 2 * edgeCount);
    return { nodes, edges, edgeLinks };
  }

  contains(value: unknown): value is GraphValue<N, Exclude<E, null>> {
    return this.explain(value) === null;
  }

  explain(value: unknown): string | null {
    if (!isPlainObject(value)) return `expected { nodes, edges, edgeLinks }, got ${preview(value)}`;
    const { nodes, edges, edgeLinks } = value;
    const badNode = explainBatch('node', this.nodeSpace, nodes);
    if (typeof badNode === 'string') return badNode;
    if (edges === null && edgeLinks === null) return null;
    if (this.edgeSpace === null) return 'expected edges and edgeLinks as null, since there is no space of edges';
    if (!(edgeLinks instanceof Int32Array)) return `expected edgeLinks as an Int32Array, got ${preview(edgeLinks)}`;
    const badEdge = explainBatch('edge', this.edgeSpace, edges);
    if (typeof badEdge === 'string') return badEdge;
    if (edgeLinks.length !== 2 * badEdge)
      return `expected ${2 * badEdge} edgeLinks for ${badEdge} edges, got ${edgeLinks.length}`;
    const wrong = edgeLinks.find((node) => node < 0 || node >= badNode);
    return wrong === undefined ? null : `expected edgeLinks from 0 to ${badNode - 1}, got ${wrong}`;
  }

  toJSON(): JsonObject {
    return {
      type: this.type,
      nodeSpace: this.nodeSpace.toJSON(),
      edgeSpace: this.edgeSpace === null ? null : this.edgeSpace.toJSON(),
    };
  }

  valueToJSON({ nodes, edges, edgeLinks }: GraphValue<N, Exclude<E, null>>): Json {
    const list = (space: Space, batch: unknown): Json[] =>
      [...iterate(batchSpace(space, 1), batch)].map((member) => space.valueToJSON(member));
    return {
      nodes: list(this.nodeSpace, nodes),
      edges: edges === null || this.edgeSpace === null ? null : list(this.edgeSpace, edges),
      edgeLinks: edgeLinks === null ? null : [...edgeLinks],
    };
  }

  valueFromJSON(json: Json): GraphValue<N, Exclude<E, null>> {
    const read = (space: Space, part: Json | undefined): unknown => {
      if (!Array.isArray(part)) throw invalidValue(this, '{ nodes, edges, edgeLinks } with lists', json);
      const batched = batchSpace(space, Math.max(1, part.length));
      return batched.valueFromJSON(part.flat() as Json);
    };
    if (!isPlainObject(json)) throw invalidValue(this, '{ nodes, edges, edgeLinks }', json);
    const { nodes, edges, edgeLinks } = json as Record<string, Json | undefined>;
    const links = Array.isArray(edgeLinks) ? edgeLinks : null;
    return {
      nodes: read(this.nodeSpace, nodes) as BatchOf<N>,
      edges:
        links === null || this.edgeSpace === null ? null : (read(this.edgeSpace, edges) as BatchOf<Exclude<E, null>>),
      edgeLinks: links === null ? null : arrayFromJSON(links, 'int32', links.length, this.toString()),
    };
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Graph &&
      this.nodeSpace.equals(other.nodeSpace) &&
      (this.edgeSpace === null ? other.edgeSpace === null : this.edgeSpace.equals(other.edgeSpace))
    );
  }

  toString(): string {
    return `Graph(${this.nodeSpace}, ${this.edgeSpace ?? 'None'})`;
  }
}

/** How many members a batch has, or why it is none. */
function explainBatch(name: string, space: Space, batch: unknown): string | number {
  let members: unknown[];
  try {
    members = [...iterate(batchSpace(space, 1), batch)];
  } catch {
    return `expected ${name}s as a batch of ${space}, got ${preview(batch)}`;
  }
  for (const [k, member] of members.entries()) {
    const reason = space.explain(member);
    if (reason !== null) return `${name} ${k}: ${reason}`;
  }
  return members.length;
}
