/**
 * Groups that act together with ONNX Runtime: their rows of a step lie side by side in the arena, and one run computes the
 * policy's outputs of all of them. The kernels sample from those, with the noise they always use. A block's groups depend on
 * the number of envs only, so that its batches have the same shape for any number of workers.
 */
import type { Kernels } from '../backends/kernels/kernels.js';
import type { PolicyBatch, PolicyOutputs } from '../backends/onnx/policy.js';
import { stateSize } from '../network/plan.js';
import { actionWidth, actorOutputs, isMasked } from '../network/validate.js';
import type { Arena } from './arena.js';
import type { Control } from './control.js';
import type { EnvGroup } from './env-group.js';
import { type ObservationRows, observationRows } from './observation-rows.js';
import { blockSize, groupSize, highWord, lowWord, type RolloutOptions, scratchStride } from './plan.js';
import type { WorkerContext } from './program.js';

/** What a block needs of its worker. */
type BlockContext = Omit<WorkerContext, 'workers' | 'blocks'>;

/** The blocks of a worker's groups. */
export async function groupBlocks(context: BlockContext): Promise<GroupBlock[]> {
  const { control, groups, options } = context;
  const { PolicyOutputs } = await import('../backends/onnx/policy.js');
  const policy = await control.native(() => PolicyOutputs.create(options.network, options.observationClip));
  const size = blockSize(options);
  const blocks = new Map<number, EnvGroup[]>();
  for (const group of groups) {
    const block = Math.floor(group.index / size);
    blocks.set(block, [...(blocks.get(block) ?? []), group]);
  }
  return [...blocks.values()].map((members) => new GroupBlock({ ...context, groups: members }, policy));
}

/** Steps a block of groups for a whole rollout. */
export class GroupBlock {
  readonly #groups: readonly EnvGroup[];
  readonly #options: RolloutOptions;
  readonly #arena: Arena;
  readonly #control: Control;
  readonly #kernels: Kernels;
  readonly #policy: PolicyOutputs;
  readonly #rank: number;
  readonly #rows: ObservationRows;
  readonly #values: Float32Array;
  readonly #flags: Uint8Array;
  readonly #outputs: Float32Array;
  readonly #outputsPointer: number;
  /** Numbers in each env's memory. */
  readonly #stateSize: number;
  /** Present memories [N, S], and those at the beginnings of sequences [T / L, N, S]. */
  readonly #states: Float32Array;
  readonly #sequenceStates: Float32Array;

  constructor({ groups, options, arena, control, kernels, rank }: BlockContext, policy: PolicyOutputs) {
    this.#groups = groups;
    this.#options = options;
    this.#arena = arena;
    this.#control = control;
    this.#kernels = kernels;
    this.#policy = policy;
    this.#rank = rank;
    this.#rows = observationRows(arena, options, null);
    this.#values = arena.f32('values');
    this.#flags = arena.u8('flags');
    const length = blockSize(options) * groupSize(options.numEnvs) * actorOutputs(options.network);
    this.#outputs = arena.f32('policyOutputs').subarray(rank * length, (rank + 1) * length);
    this.#outputsPointer = arena.pointer('policyOutputs') + rank * length * 4;
    this.#stateSize = stateSize(options.network);
    this.#states = this.#stateSize === 0 ? new Float32Array(0) : arena.f32('states');
    this.#sequenceStates = this.#stateSize === 0 ? this.#states : arena.f32('sequenceStates');
  }

  /** Runs `T` steps of every env of the block, from step `firstStep` of the run on. */
  async collect(firstStep: number): Promise<void> {
    const { numEnvs: N, numSteps: T, network, noiseHold, seed, sequenceLength = 1 } = this.#options;
    const arena = this.#arena;
    const A = actorOutputs(network);
    const firstEnv = this.#groups[0]!.firstEnv;
    const count = this.#groups.reduce((sum, group) => sum + group.count, 0);
    const P = arena.segment('parameters').shape[1]!;
    const parameters = arena.f32('parameters').subarray(this.#rank * P, (this.#rank + 1) * P);
    const parametersPointer = arena.pointer('parameters') + this.#rank * P * 4;
    const scratch = arena.pointer('scratch') + this.#rank * scratchStride(network);
    const actionBytes = actionWidth(network) * 4;
    const masks = isMasked(network) ? arena.pointer('masks') : 0;
    this.#policy.load(parameters, arena.f32('mean'), arena.f32('invStd'));
    for (const group of this.#groups) group.begin();
    for (let t = 0; t < T; t++) {
      const row = t * N + firstEnv;
      const key = Math.floor((firstStep + t) / noiseHold);
      if (t % sequenceLength === 0) this.#keepStates(t / sequenceLength, firstEnv, count);
      const batch = await this.#run(row, firstEnv, count);
      this.#outputs.set(batch.outputs);
      this.#values.set(batch.values, row);
      this.#kernels.sample(
        arena.pointer('network'),
        parametersPointer,
        scratch,
        this.#outputsPointer,
        count,
        arena.pointer('actions') + row * actionBytes,
        arena.pointer('logProbs') + row * 4,
        lowWord(seed),
        highWord(seed),
        firstEnv,
        lowWord(key),
        highWord(key),
        0,
        masks === 0 ? 0 : masks + row * A,
      );
      this.#states.set(batch.nextState, firstEnv * this.#stateSize);
      for (const group of this.#groups) {
        const finals = group.step(t);
        if (finals > 0) group.takeFinalValues(t, finals, await this.#finalValues(group));
      }
      this.#forget(row, firstEnv, count);
    }
    for (const group of this.#groups) group.end();
    const last = T * N + firstEnv;
    this.#values.set((await this.#run(last, firstEnv, count)).values, last);
  }

  /** The policy on the observations of `count` envs at a row. */
  async #run(row: number, firstEnv: number, count: number): Promise<PolicyBatch> {
    const S = this.#stateSize;
    const batch = this.#policy.batch(count);
    this.#rows.read(row, count, batch.observations);
    batch.state.set(this.#states.subarray(firstEnv * S, (firstEnv + count) * S));
    await this.#control.native(() => this.#policy.run(batch));
    return batch;
  }

  /** Values of a group's final observations; those of envs that were not cut are old, and nobody reads them. */
  async #finalValues({ firstEnv, count }: EnvGroup): Promise<Float32Array> {
    const S = this.#stateSize;
    const batch = this.#policy.batch(count);
    this.#rows.readFinals(this.#rank, count, batch.observations);
    batch.state.set(this.#states.subarray(firstEnv * S, (firstEnv + count) * S));
    await this.#control.native(() => this.#policy.run(batch));
    return batch.values;
  }

  #keepStates(sequence: number, firstEnv: number, count: number): void {
    const S = this.#stateSize;
    if (S === 0) return;
    const at = (sequence * this.#options.numEnvs + firstEnv) * S;
    this.#sequenceStates.set(this.#states.subarray(firstEnv * S, (firstEnv + count) * S), at);
  }

  /** Memories end with their episodes. */
  #forget(row: number, firstEnv: number, count: number): void {
    const S = this.#stateSize;
    if (S === 0) return;
    for (let i = 0; i < count; i++) {
      if (this.#flags[row + i] !== 0) this.#states.fill(0, (firstEnv + i) * S, (firstEnv + i + 1) * S);
    }
  }
}
