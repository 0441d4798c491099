/**
 * Groups that act together with ONNX Runtime: their rows of a step lie side by side in the arena, and one run computes the
 * policy's outputs of all of them. The kernels sample from those, with the noise they always use. A block's groups depend on
 * the number of envs only, so that its batches have the same shape for any number of workers.
 */
import type { Kernels } from '../backends/kernels/kernels.js';
import type { PolicyOutputs } from '../backends/onnx/policy.js';
import { actionWidth, actorOutputs, isMasked } from '../network/validate.js';
import type { Arena } from './arena.js';
import type { Control } from './control.js';
import type { EnvGroup } from './env-group.js';
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
  readonly #observations: Float32Array;
  readonly #values: Float32Array;
  readonly #outputs: Float32Array;
  readonly #outputsPointer: number;

  constructor({ groups, options, arena, control, kernels, rank }: BlockContext, policy: PolicyOutputs) {
    this.#groups = groups;
    this.#options = options;
    this.#arena = arena;
    this.#control = control;
    this.#kernels = kernels;
    this.#policy = policy;
    this.#rank = rank;
    this.#observations = arena.f32('observations');
    this.#values = arena.f32('values');
    const length = blockSize(options) * groupSize(options.numEnvs) * actorOutputs(options.network);
    this.#outputs = arena.f32('policyOutputs').subarray(rank * length, (rank + 1) * length);
    this.#outputsPointer = arena.pointer('policyOutputs') + rank * length * 4;
  }

  /** Runs `T` steps of every env of the block, from step `firstStep` of the run on. */
  async collect(firstStep: number): Promise<void> {
    const { numEnvs: N, numSteps: T, network, noiseHold, seed } = this.#options;
    const arena = this.#arena;
    const O = network.observationSize;
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
      await this.#control.native(() =>
        this.#policy.run(
          this.#observations.subarray(row * O, (row + count) * O),
          this.#outputs.subarray(0, count * A),
          this.#values.subarray(row, row + count),
        ),
      );
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
      for (const group of this.#groups) group.step(t);
    }
    for (const group of this.#groups) group.end();
  }
}
