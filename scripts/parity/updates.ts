/** Ten updates of a run by a learner and by the float64 reference, each from the same parameters and the same rollout. */
import { networkFor } from '../../agents/common/problem.js';
import { RunningMeanStd } from '../../agents/common/running-statistics.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo, type PpoProblem, type PpoState } from '../../agents/ppo/ppo.js';
import type { DeviceLearner } from '../../src/backends/backend.js';
import { chooseBackend } from '../../src/backends/choose.js';
import { makeFromSpec, spec } from '../../src/index.js';
import { referenceLearner } from '../../test/support/reference-update.js';
import type { ParityBounds, ParityNetwork } from './networks.js';

export const UPDATES = 10;

/** How far apart two learners came, the most of all updates. */
export interface Distances extends ParityBounds {
  /** Largest move of a parameter in an update: what the distances are small beside. */
  readonly moved: number;
}

/** Runs the updates. @throws `BACKEND_UNAVAILABLE`, as `chooseBackend` does. */
export async function compareUpdates(backend: string, { env, settings }: ParityNetwork): Promise<Distances> {
  const samples = (settings.numEnvs ?? defaultPpoConfig.numEnvs) * (settings.numSteps ?? defaultPpoConfig.numSteps);
  const config: PpoConfig = { ...defaultPpoConfig, ...settings, totalSteps: samples * UPDATES };
  const network = networkFor(await makeFromSpec(spec(env)), config);
  const problem: PpoProblem = { spec: spec(env), network, seed: 3, workers: 2, measures: [] };
  const { name, learner } = await chooseBackend(backend, network);
  const reference = await Ppo.create(config, { ...problem, learner: referenceLearner(network) });
  const distances = { parameters: 0, moments: 0, losses: 0, moved: 0 };
  const raise = (name: keyof Distances, value: number): void => {
    // A number that is not finite must not pass as near.
    if (!(value <= distances[name])) distances[name] = value;
  };
  try {
    for (let update = 0; update < UPDATES; update++) {
      const start = copyOf(reference.state);
      const logs = reference.logs();
      // Both go on from the reference's state, so that every rollout is the same for both.
      const tried = await Ppo.create(config, {
        ...problem,
        ...(learner !== null && { learner: kept(learner) }),
        ...(name === 'onnx' && { workerLearner: name }),
        ...(logs !== null && { resume: { state: copyOf(start), logs } }),
      });
      try {
        const [want, got] = [await reference.iterate(), await tried.iterate()];
        for (const [loss, value] of Object.entries(want.losses)) {
          raise('losses', Math.abs(value - got.losses[loss]!) / Math.max(1, Math.abs(value)));
        }
        raise('moved', apart(reference.state.parameters, start.parameters));
        raise('parameters', apart(reference.state.parameters, tried.state.parameters));
        for (const moments of ['firstMoments', 'secondMoments'] as const) {
          const largest = reference.state[moments].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          raise('moments', apart(reference.state[moments], tried.state[moments]) / largest);
        }
      } finally {
        await tried.close();
      }
    }
  } finally {
    await reference.close();
    learner?.dispose();
  }
  return distances;
}

/** A learner that outlives the runs that it is given to: some take seconds to start. */
function kept(learner: DeviceLearner): DeviceLearner {
  return { name: learner.name, update: (...args) => learner.update(...args), dispose: () => {} };
}

function apart(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => (Math.abs(x - b[i]!) <= most ? most : Math.abs(x - b[i]!)), 0);
}

function copyOf(state: PpoState): PpoState {
  const statistics = state.observationStatistics;
  return {
    ...state,
    parameters: state.parameters.slice(),
    firstMoments: state.firstMoments.slice(),
    secondMoments: state.secondMoments.slice(),
    observationStatistics:
      statistics && RunningMeanStd.from([...statistics.mean], [...statistics.variance], statistics.count),
    discountedReturns: state.discountedReturns?.slice() ?? null,
  };
}
