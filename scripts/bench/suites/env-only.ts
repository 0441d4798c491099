/** Suites 1 and 8: stepping alone, for every registered env: one env through `make`, many through `makeVec`. */
import { registry } from '../../../src/index.js';
import {
  type Context,
  type Entry,
  OURS,
  peerEntry,
  type Race,
  threadChoices,
  type Variant,
  workerChoices,
} from '../race.js';
import { jaxVariants, threadsLabel } from './settings.js';
import type { Suite } from './suite.js';

/** Envs of Box2D's family, which are a suite of their own, with their numbers in a batch: 1,024 would be slow to build. */
const BOX2D: Readonly<Record<string, number>> = {
  'LunarLander-v3': 256,
  'LunarLanderContinuous-v3': 256,
  'BipedalWalker-v3': 256,
  'BipedalWalkerHardcore-v3': 256,
  'CarRacing-v3': 64,
  'CarRacing-lidar-v3': 64,
};
/** Envs whose solver may end its iterations early: measured both ways. */
const SOLVERS = ['LunarLander-v3', 'LunarLanderContinuous-v3'];
/** Uncounted rounds before a mode is chosen: the solver's WebAssembly reaches its speed after a second or two in each thread. */
const SOLVER_TRIALS = 6;
const USER_ENV = './scripts/bench/fixtures/user-cartpole.ts:UserCartPole';

function ours(context: Context, env: string, numEnvs: number, batched: boolean, more: object = {}): Variant[] {
  const host = context.ours();
  const task = { kind: 'vector', env, numEnvs, ...more };
  return [
    { label: 'sync', host, task: { ...task, mode: 'sync' } },
    ...workerChoices(context).map((workers) => ({
      label: `async, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
      host,
      task: { ...task, mode: 'async', workers },
    })),
    ...(batched ? [{ label: 'vector entry point', host, task: { ...task, mode: 'vector-entry-point' } }] : []),
  ];
}

function envPool(context: Context, env: string, numEnvs: number): Entry {
  return peerEntry(context, 'envpool', 'EnvPool', () =>
    threadChoices(context).flatMap((threads) =>
      ['sync', 'async'].map((mode) => ({
        label: `${mode}, ${threadsLabel(threads)}`,
        host: context.peers.host('envpool', context.threads),
        task: { kind: 'step', env, numEnvs, threads, mode },
      })),
    ),
  );
}

function batchPeers(context: Context, env: string, numEnvs: number): Entry[] {
  return [
    envPool(context, env, numEnvs),
    peerEntry(context, 'jax', 'gymnax (JAX)', () => jaxVariants(context, { kind: 'step', env, numEnvs })),
    peerEntry(context, 'rlox', 'rlox', () => [
      { label: '', host: context.peers.host('rlox', context.threads), task: { kind: 'step', env, numEnvs } },
    ]),
  ];
}

/** Many envs of an id, beside every peer that has it. */
function batch(context: Context, env: string, numEnvs: number): Race[] {
  const batched = registry.get(env)?.vectorEntryPoint !== undefined;
  const title = `${numEnvs.toLocaleString('en')} envs through makeVec`;
  const plain = {
    id: `vector-${env}-${numEnvs}`,
    title: `${env}, ${title}`,
    unit: 'steps/s',
    entries: [{ name: OURS, variants: ours(context, env, numEnvs, batched) }, ...batchPeers(context, env, numEnvs)],
  } as const;
  if (!SOLVERS.includes(env)) return [plain];
  const variants = ours(context, env, numEnvs, batched, { envKwargs: { exact: false } });
  const entries = [{ name: OURS, variants }, envPool(context, env, numEnvs)];
  return [plain, { ...plain, id: `${plain.id}-fast`, title: `${env} with exact: false, ${title}`, entries }];
}

/** One env of an id. */
function single(context: Context, env: string): Race {
  return {
    id: `single-${env}`,
    title: `${env}, one env through make`,
    unit: 'steps/s',
    entries: [
      { name: OURS, variants: [{ label: '', host: context.ours(), task: { kind: 'single', env } }] },
      peerEntry(context, 'gymnasium', 'Gymnasium', () => [
        { label: '', host: context.peers.host('gymnasium', context.threads), task: { kind: 'single', env } },
      ]),
    ],
  };
}

function races(context: Context): Race[] {
  const rows: Race[] = [];
  rows.push(...batch(context, 'CartPole-v1', 1024));
  if (!context.quick) rows.push(...batch(context, 'CartPole-v1', 16_384));
  rows.push({
    id: 'vector-modes',
    title: 'CartPole-v1, 1,024 envs, mode by mode',
    unit: 'steps/s',
    entries: ours(context, 'CartPole-v1', 1024, true).map((variant, k) => ({
      name: k === 0 ? OURS : `${OURS}, ${variant.label}`,
      variants: [variant],
    })),
  });
  rows.push({
    id: 'user-cartpole',
    title: "a user's own one-class TypeScript CartPole, 1,024 envs through makeVec, beside the peers' built-in one",
    unit: 'steps/s',
    entries: [
      { name: OURS, variants: ours(context, USER_ENV, 1024, false, { maxEpisodeSteps: 500 }) },
      envPool(context, 'CartPole-v1', 1024),
    ],
  });
  for (const env of registry.keys()) {
    if (env in BOX2D || (context.quick && env !== 'CartPole-v1' && env !== 'Driving-v0')) continue;
    rows.push(single(context, env));
    if (env !== 'CartPole-v1') rows.push(...batch(context, env, env === 'Driving-v0' ? 256 : 1024));
  }
  return rows;
}

const ABOUT =
  'Steps with actions drawn beforehand, resets included. Gymkhana through its public `make` and `makeVec`, in the best of its modes; EnvPool in ' +
  'the best of sync and async on one thread and on all; ';

export const envOnly: Suite = {
  name: 'env-only',
  title: 'Stepping environments',
  about: `${ABOUT}gymnax as one compiled call of 64 steps; rlox as it is; Gymnasium through \`gymnasium.make\`.`,
  async run(context, track) {
    const rows = [];
    for (const race of races(context)) rows.push(await track.run(race));
    return rows;
  },
};

export const box2d: Suite = {
  name: 'box2d',
  title: "Stepping the environments of Box2D's family",
  about: `${ABOUT}Gymnasium through \`gymnasium.make\`. With \`exact: false\` a solver ends its iterations early ([fidelity.md](fidelity.md)).`,
  async run(context, track) {
    const rows = [];
    for (const [env, numEnvs] of Object.entries(BOX2D)) {
      if (context.quick && env !== 'LunarLander-v3') continue;
      for (const race of [single(context, env), ...batch(context, env, numEnvs)]) {
        rows.push(await track.run({ ...race, trials: context.quick ? 1 : SOLVER_TRIALS }));
      }
    }
    return rows;
  },
};
