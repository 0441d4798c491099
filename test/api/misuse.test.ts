/** Bad input for every exported function and class: a named error, and no export left out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gymkhana from '../../src/index.js';
import * as physics from '../../src/physics/index.js';
import * as testing from '../../src/testing/index.js';
import { rejectsWith } from '../support/misuse.js';

const g = gymkhana;
/** What a caller without types may pass. */
const wrong = (value: unknown): never => value as never;
const env = await g.make('CartPole-v1');
const pendulum = await g.make('Pendulum-v1');
const vec = await g.makeVec('CartPole-v1', { numEnvs: 2 });
const two = new g.Discrete(2);
const spec = g.spec('CartPole-v1');
const GONE = '/nonexistent/folder/a.episode';

class MyActions extends g.ActionWrapper<unknown, number> {
  get actionSpace() {
    return two;
  }
  action(action: number): number {
    return action;
  }
}
class MyObservations extends g.ObservationWrapper<number, unknown> {
  get observationSpace() {
    return two;
  }
  observation(): number {
    return 0;
  }
}
class MyRewards extends g.RewardWrapper<unknown, unknown> {
  reward(reward: number): number {
    return reward;
  }
}
class MyWrapper extends g.TransparentWrapper<unknown, unknown> {}
class MyVector extends g.VectorWrapper {}
class MyTable extends g.TabularEnv {
  constructor() {
    super('MyTable', wrong(new g.TransitionTable(wrong({ states: 0 }))), {});
  }
  text(): never {
    throw new Error('not drawn');
  }
  scene(): never {
    throw new Error('not drawn');
  }
}

/** One call, its code and a text of its message, for each export. */
const rows: Readonly<Record<string, readonly [() => unknown, string, string]>> = {
  ActionWrapper: [() => new MyActions(wrong(3)), 'INVALID_WRAPPER_OPTION', 'MyActions wraps an Env, got 3'],
  ObservationWrapper: [() => new MyObservations(wrong(null)), 'INVALID_WRAPPER_OPTION', 'wraps an Env, got null'],
  RewardWrapper: [() => new MyRewards(wrong('x')), 'INVALID_WRAPPER_OPTION', 'Await make()'],
  TransparentWrapper: [() => new MyWrapper(wrong(1)), 'INVALID_WRAPPER_OPTION', 'MyWrapper wraps an Env'],
  Wrapper: [() => new MyWrapper(wrong(g.make('CartPole-v1'))), 'INVALID_WRAPPER_OPTION', 'Await make()'],
  AddWhiteNoise: [
    () => new g.AddWhiteNoise(env, { probabilityOfNoisePerPixel: 2 }),
    'INVALID_WRAPPER_OPTION',
    'from 0 to below 1, got 2',
  ],
  AsyncVectorEnv: [() => g.AsyncVectorEnv.create(spec, { numEnvs: 0, numWorkers: 1 }), 'INVALID_OPTION', 'numEnvs'],
  Autoreset: [() => new g.Autoreset(env, wrong({ x: 1 })), 'UNKNOWN_WRAPPER_OPTION', "'x'"],
  Box: [() => new g.Box(2, 1), 'INVALID_SPACE', 'low 2 and high 1'],
  ClipAction: [() => new g.ClipAction(wrong(env)), 'INVALID_WRAPPER_SPACE', 'a Box as action space, got Discrete(2)'],
  ClipReward: [() => new g.ClipReward(env, { minReward: 2, maxReward: 1 }), 'INVALID_WRAPPER_OPTION', 'at most'],
  DelayObservation: [() => new g.DelayObservation(env, { delay: -1 }), 'INVALID_WRAPPER_OPTION', 'got -1'],
  Dict: [() => new g.Dict({}), 'INVALID_SPACE', 'at least one space'],
  Discrete: [() => new g.Discrete(0), 'INVALID_SPACE', 'from 1, got 0'],
  DiscretizeAction: [() => new g.DiscretizeAction(pendulum, { bins: 0 }), 'INVALID_WRAPPER_OPTION', 'bins'],
  DiscretizeObservation: [
    () => new g.DiscretizeObservation(env, { bins: 3 }),
    'INVALID_WRAPPER_SPACE',
    'a Box with finite bounds',
  ],
  DtypeObservation: [
    () => new g.DtypeObservation(env, { dtype: wrong('int99') }),
    'INVALID_WRAPPER_OPTION',
    'one of float32',
  ],
  Env: [() => env.reset(wrong(42)), 'INVALID_SEED', 'reset({ seed: 42 })'],
  EpisodeWriter: [
    () => new g.EpisodeWriter(GONE, { spec, observationSpace: two, actionSpace: two }),
    'NOT_WRITABLE',
    'its folder does not exist',
  ],
  FilterObservation: [
    () => new g.FilterObservation(env, { filterKeys: ['a'] }),
    'INVALID_WRAPPER_SPACE',
    'a Dict or Tuple',
  ],
  FlattenObservation: [() => new g.FlattenObservation(env, wrong({ x: 1 })), 'UNKNOWN_WRAPPER_OPTION', 'It takes none'],
  FrameStackObservation: [
    () => new g.FrameStackObservation(env, { stackSize: 0 }),
    'INVALID_WRAPPER_OPTION',
    'from 1, got 0',
  ],
  FunctionalEnv: [() => new g.FunctionalEnv(wrong({})), 'INVALID_FUNC_ENV', 'missing: initial'],
  Generator: [() => g.Generator.fromSeed(-1), 'INVALID_SEED', 'got -1'],
  Graph: [() => new g.Graph(wrong(null), null), 'INVALID_SPACE', 'got null'],
  GymkhanaError: [() => g.GymkhanaError.fromJSON(wrong(null)), 'INVALID_VALUE', 'toJSON()'],
  MaxAndSkipObservation: [
    () => new g.MaxAndSkipObservation(env, { skip: 1 }),
    'INVALID_WRAPPER_OPTION',
    'from 2, got 1',
  ],
  MultiBinary: [() => new g.MultiBinary(0), 'INVALID_SPACE', 'got 0'],
  MultiDiscrete: [() => new g.MultiDiscrete([]), 'INVALID_SPACE', 'got []'],
  NormalizeObservation: [() => new g.NormalizeObservation(env, { epsilon: -1 }), 'INVALID_WRAPPER_OPTION', 'above 0'],
  NormalizeReward: [() => new g.NormalizeReward(env, { gamma: wrong('x') }), 'INVALID_WRAPPER_OPTION', 'from 0 to 1'],
  OneOf: [() => new g.OneOf([]), 'INVALID_SPACE', 'at least one'],
  OrderEnforcing: [() => new g.OrderEnforcing(new g.TimeLimit(env, 5)).step(0), 'RESET_NEEDED', 'Call reset() first'],
  PassiveEnvChecker: [() => new g.PassiveEnvChecker(env, wrong({ x: 1 })), 'UNKNOWN_WRAPPER_OPTION', "'x'"],
  Pixels: [() => new g.Pixels(-1, 2), 'INVALID_OPTION', 'whole numbers from 1'],
  Policy: [() => g.Policy.create(wrong(null), { observation: two, action: two }), 'INVALID_POLICY', 'got null'],
  RecordEpisode: [() => new g.RecordEpisode(env, wrong({})), 'INVALID_OPTION', 'onEpisode'],
  RecordEpisodeStatistics: [
    () => new g.RecordEpisodeStatistics(env, { bufferLength: -1 }),
    'INVALID_WRAPPER_OPTION',
    'bufferLength',
  ],
  RecordReplay: [() => new g.RecordReplay(env, wrong({})), 'INVALID_WRAPPER_OPTION', 'path'],
  RenderCollection: [
    () => new g.RenderCollection(env, { popFrames: wrong(1) }),
    'INVALID_WRAPPER_OPTION',
    'true or false',
  ],
  RepeatAction: [() => new g.RepeatAction(env, { numRepeats: 0 }), 'INVALID_WRAPPER_OPTION', 'from 1, got 0'],
  RescaleAction: [
    () => new g.RescaleAction(wrong(env), { minAction: 0, maxAction: 1 }),
    'INVALID_WRAPPER_SPACE',
    'a Box as action space',
  ],
  RescaleObservation: [
    () => new g.RescaleObservation(env, { minObs: 1, maxObs: 0 }),
    'INVALID_WRAPPER_OPTION',
    'got 1 and 0',
  ],
  GrayscaleObservation: [
    () => new g.GrayscaleObservation(wrong(env)),
    'INVALID_WRAPPER_SPACE',
    'a uint8 Box from 0 to 255',
  ],
  ResizeObservation: [
    () => new g.ResizeObservation(wrong(env), { shape: wrong([84]) }),
    'INVALID_WRAPPER_OPTION',
    '[height, width], two whole numbers',
  ],
  ReshapeObservation: [() => new g.ReshapeObservation(env, { shape: [5] }), 'INVALID_WRAPPER_OPTION', 'product is 4'],
  RunningMeanStd: [() => new g.RunningMeanStd(-1, null), 'INVALID_WRAPPER_OPTION', 'got -1'],
  SeedSequence: [() => new g.SeedSequence(-1), 'INVALID_SEED', 'got -1'],
  Sequence: [() => new g.Sequence(wrong(null)), 'INVALID_SPACE', 'got null'],
  Space: [() => two.seed(wrong('x')), 'INVALID_SEED', 'a whole number, got "x"'],
  StickyAction: [
    () => new g.StickyAction(env, { repeatActionProbability: 2 }),
    'INVALID_WRAPPER_OPTION',
    'from 0 to below 1',
  ],
  SyncVectorEnv: [() => new g.SyncVectorEnv([]), 'INVALID_OPTION', 'a list of at least one function'],
  TabularEnv: [() => new MyTable(), 'INVALID_TRANSITIONS', '{ states, actions, outcomes, start }'],
  Text: [() => new g.Text(0), 'INVALID_SPACE', 'from 1, got 0'],
  TimeAwareObservation: [() => new g.TimeAwareObservation(env, wrong({ x: 1 })), 'UNKNOWN_WRAPPER_OPTION', "'x'"],
  TimeLimit: [() => new g.TimeLimit(env, 0), 'INVALID_OPTION', 'above 0, got 0'],
  TransformAction: [() => new g.TransformAction(env, wrong({})), 'INVALID_WRAPPER_OPTION', 'func'],
  TransformObservation: [() => new g.TransformObservation(env, wrong({})), 'INVALID_WRAPPER_OPTION', 'func'],
  TransformReward: [() => new g.TransformReward(env, wrong({})), 'INVALID_WRAPPER_OPTION', 'func'],
  TransitionTable: [() => new g.TransitionTable(wrong(null)), 'INVALID_TRANSITIONS', 'two whole numbers from 1'],
  Tuple: [() => new g.Tuple([]), 'INVALID_SPACE', 'at least one'],
  VectorActionWrapper: [() => new g.VectorClipAction(wrong(pendulum)), 'INVALID_WRAPPER_OPTION', 'wraps a VectorEnv'],
  VectorObservationWrapper: [
    () => new g.VectorFlattenObservation(wrong(env)),
    'INVALID_WRAPPER_OPTION',
    'wraps a VectorEnv',
  ],
  VectorRewardWrapper: [
    () => new g.VectorClipReward(wrong(env), { minReward: 0 }),
    'INVALID_WRAPPER_OPTION',
    'wraps a VectorEnv',
  ],
  VectorWrapper: [() => new MyVector(wrong(env)), 'INVALID_WRAPPER_OPTION', 'without Vector in its name'],
  VectorClipAction: [() => new g.VectorClipAction(wrong(vec)), 'INVALID_WRAPPER_SPACE', 'got Discrete(2)'],
  VectorClipReward: [
    () => new g.VectorClipReward(vec, { minReward: 2, maxReward: 1 }),
    'INVALID_WRAPPER_OPTION',
    'at most',
  ],
  VectorDictInfoToList: [() => new g.VectorDictInfoToList(wrong(env)), 'INVALID_WRAPPER_OPTION', 'makeVec'],
  VectorDtypeObservation: [
    () => new g.VectorDtypeObservation(wrong(vec), { dtype: wrong('x') }),
    'INVALID_WRAPPER_OPTION',
    'one of float32',
  ],
  VectorEnv: [() => vec.step(new Int32Array(3)), 'RESET_NEEDED', 'Call reset() first'],
  VectorFlattenObservation: [
    () => new g.VectorFlattenObservation(wrong(vec), { x: 1 }),
    'UNKNOWN_WRAPPER_OPTION',
    'It takes none',
  ],
  VectorNormalizeObservation: [
    () => new g.VectorNormalizeObservation(wrong(vec), { epsilon: -1 }),
    'INVALID_WRAPPER_OPTION',
    'above 0',
  ],
  VectorNormalizeReward: [
    () => new g.VectorNormalizeReward(vec, { gamma: 2 }),
    'INVALID_WRAPPER_OPTION',
    'from 0 to 1',
  ],
  VectorRecordEpisodeStatistics: [
    () => new g.VectorRecordEpisodeStatistics(vec, { bufferLength: -1 }),
    'INVALID_WRAPPER_OPTION',
    'bufferLength',
  ],
  VectorRescaleAction: [
    () => new g.VectorRescaleAction(wrong(vec), { minAction: 0, maxAction: 1 }),
    'INVALID_WRAPPER_SPACE',
    'a Box',
  ],
  VectorRescaleObservation: [
    () => new g.VectorRescaleObservation(wrong(vec), { minObs: 1, maxObs: 0 }),
    'INVALID_WRAPPER_OPTION',
    'got 1 and 0',
  ],
  VectorGrayscaleObservation: [
    () => new g.VectorGrayscaleObservation(wrong(vec)),
    'INVALID_WRAPPER_SPACE',
    'a uint8 Box from 0 to 255',
  ],
  VectorResizeObservation: [
    () => new g.VectorResizeObservation(wrong(vec), { shape: [0, 1] }),
    'INVALID_WRAPPER_OPTION',
    '[height, width], two whole numbers',
  ],
  VectorReshapeObservation: [
    () => new g.VectorReshapeObservation(wrong(vec), { shape: [5] }),
    'INVALID_WRAPPER_OPTION',
    'product is 4',
  ],
  VectorTransformAction: [() => new g.VectorTransformAction(vec, wrong({})), 'INVALID_WRAPPER_OPTION', 'func'],
  VectorTransformObservation: [
    () => new g.VectorTransformObservation(vec, wrong({})),
    'INVALID_WRAPPER_OPTION',
    'func',
  ],
  VectorTransformReward: [() => new g.VectorTransformReward(vec, wrong({})), 'INVALID_WRAPPER_OPTION', 'func'],
  aggregateIqm: [() => g.aggregateIqm([]), 'INVALID_SCORES', 'got no tasks'],
  aggregateMean: [() => g.aggregateMean(wrong([1])), 'INVALID_SCORES', 'got 1 as task 0'],
  aggregateMedian: [() => g.aggregateMedian([[Number.NaN]]), 'INVALID_SCORES', 'got NaN as run 0 of task 0'],
  aggregateOptimalityGap: [() => g.aggregateOptimalityGap([[1]], Infinity), 'INVALID_OPTION', 'gamma'],
  analyzeRuns: [() => g.analyzeRuns(wrong('runs')), 'INVALID_OPTION', 'await loadRuns'],
  baselinesOf: [() => g.baselinesOf(wrong(g.make('CartPole-v1'))), 'INVALID_ENV', 'await make() first'],
  batchDifferingSpaces: [() => g.batchDifferingSpaces([]), 'SPACE_MISMATCH', 'at least one'],
  batchSpace: [() => g.batchSpace(two, 0), 'INVALID_OPTION', 'from 1 to batch a space, got 0'],
  checkEnv: [() => g.checkEnv('Nope-v0'), 'ENV_NOT_FOUND', "'Nope-v0'"],
  checkEnvironmentsMatch: [() => g.checkEnvironmentsMatch(env, wrong(null)), 'INVALID_ENV', 'got null'],
  concatenate: [() => g.concatenate(new g.Box(0, 1), [1]), 'INVALID_VALUE', '1 elements of float32, got 1'],
  createEmptyArray: [() => g.createEmptyArray(two, -1), 'INVALID_OPTION', 'got -1'],
  diffEpisodes: [() => g.diffEpisodes(GONE, GONE), 'FILE_NOT_FOUND', GONE],
  openEpisodes: [() => g.openEpisodes(GONE), 'FILE_NOT_FOUND', GONE],
  exportEpisodes: [() => g.exportEpisodes(GONE), 'EXPORT_FORMAT', 'got none'],
  importEpisodes: [() => g.importEpisodes(GONE, { spec }), 'FILE_NOT_FOUND', GONE],
  engineLimit: [() => g.engineLimit(wrong(null)), 'INVALID_SPEC', 'got null'],
  envContract: [() => testing.envContract('CartPole-v1', wrong({})), 'INVALID_OPTION', 'import.meta.url'],
  episodeInfo: [() => g.episodeInfo(GONE), 'FILE_NOT_FOUND', GONE],
  evaluate: [() => g.evaluate('/nonexistent'), 'RUN_NOT_FOUND', 'gymkhana train'],
  evaluateController: [
    () => g.evaluateController(g.randomController, { spec, episodes: 0, seed: 1 }),
    'INVALID_OPTION',
    'episodes must be a whole number from 1, got 0',
  ],
  evaluatePolicy: [() => g.evaluatePolicy(wrong(null), { spec, episodes: 1, seed: 1 }), 'INVALID_POLICY', 'got null'],
  flatdim: [() => g.flatdim(wrong(3)), 'UNSUPPORTED_SPACE', 'got 3'],
  flatten: [() => g.flatten(two, 5), 'INVALID_VALUE', 'got 5'],
  flattenSpace: [() => g.flattenSpace(wrong(3)), 'UNSUPPORTED_SPACE', 'got 3'],
  fromFunctional: [() => g.fromFunctional(wrong({})), 'INVALID_FUNC_ENV', 'missing'],
  generateRandomMap: [() => g.generateRandomMap({ size: 0 }), 'INVALID_OPTION', 'size'],
  initPackage: [() => g.initPackage(''), 'INVALID_NAME', 'gymkhana init my-env'],
  interquartileMean: [() => g.interquartileMean([]), 'INVALID_SCORES', 'no runs'],
  isFlattenable: [() => g.isFlattenable(wrong(3)), 'UNSUPPORTED_SPACE', 'got 3'],
  iterate: [() => [...g.iterate(two, 3)], 'INVALID_VALUE', 'got 3'],
  loadPlugins: [() => g.loadPlugins(wrong(3)), 'INVALID_OPTION', 'process.cwd()'],
  exportPolicy: [() => g.exportPolicy('/nonexistent'), 'RUN_NOT_FOUND', '/nonexistent'],
  loadOnnxPolicy: [() => g.loadOnnxPolicy('/none.onnx', { env: 'CartPole-v1' }), 'INVALID_POLICY', 'no such file'],
  OnnxPolicy: [
    () => g.OnnxPolicy.open(wrong(3), { observation: two, action: two }),
    'INVALID_POLICY',
    'expected an ONNX file',
  ],
  loadPolicy: [() => g.loadPolicy('/nonexistent'), 'RUN_NOT_FOUND', '/nonexistent'],
  loadRuns: [() => g.loadRuns([]), 'INVALID_OPTION', 'at least one run directory'],
  make: [() => g.make('CartPole-v9'), 'ENV_NOT_FOUND', "'CartPole-v1'"],
  makeFromSpec: [() => g.makeFromSpec(wrong(null)), 'INVALID_SPEC', 'got null'],
  makeVec: [() => g.makeVec('CartPole-v1', { numEnvs: 0 }), 'INVALID_OPTION', 'numEnvs'],
  parametersHash: [() => g.parametersHash(wrong(null)), 'INVALID_VALUE', 'a Float32Array'],
  performanceProfile: [() => g.performanceProfile([[1]], [1, 1]), 'INVALID_OPTION', 'ascending'],
  probabilityOfImprovement: [() => g.probabilityOfImprovement([[1]], []), 'INVALID_SCORES', 'got no tasks'],
  randomController: [() => g.randomController(wrong(null)), 'INVALID_ENV', 'got null'],
  readEpisodes: [() => g.readEpisodes(GONE), 'FILE_NOT_FOUND', GONE],
  readKwargs: [() => g.readKwargs('X', { y: 1 }, {}), 'UNKNOWN_ENV_OPTION', "'y'"],
  readReferences: [() => g.readReferences('/nonexistent'), 'INVALID_REFERENCES', 'no table of reference scores'],
  recordEpisodes: [
    () => g.recordEpisodes({ env, spec, policy: () => 0, episodes: 0, path: GONE }),
    'INVALID_OPTION',
    'episodes',
  ],
  recordRun: [() => g.recordRun('/nonexistent'), 'RUN_NOT_FOUND', '/nonexistent'],
  register: [() => g.register({ id: 'x', entryPoint: 'a:b' }), 'INVALID_ENV_ID', "'x'"],
  registerWrapper: [() => g.registerWrapper(wrong(3)), 'NOT_A_WRAPPER', 'extends Wrapper'],
  renderEpisodePage: [() => g.renderEpisodePage(GONE), 'FILE_NOT_FOUND', GONE],
  renderReport: [() => g.renderReport(wrong(null), 'html'), 'INVALID_OPTION', 'analyzeRuns'],
  trustModule: [() => g.trustModule('./nope.ts', { cwd: '/' }), 'MODULE_NOT_FOUND', 'nope.ts'],
  resolveEnv: [() => g.resolveEnv('./nope.ts:X', { cwd: '/' }), 'MODULE_NOT_FOUND', 'nope.ts'],
  restoreWrapperStates: [
    () => g.restoreWrapperStates(env, [{ wrapper: 'x', state: 1 }]),
    'INVALID_WRAPPER_STATE',
    'the states are of x',
  ],
  spaceFromJSON: [() => g.spaceFromJSON(null), 'INVALID_SPACE', 'got null'],
  spec: [() => g.spec('CartPoel-v1'), 'ENV_NOT_FOUND', 'CartPole-v1'],
  launch: [
    async () =>
      g.launch(await g.planLaunch(g.parseLaunch({ env: 'CartPole-v1' }), { cwd: '/', name: 'x' }), {
        runDir: '/nonexistent',
        retries: -1,
      }),
    'INVALID_OPTION',
    'retries must be a whole number from 0',
  ],
  planLaunch: [
    () => g.planLaunch(g.parseLaunch({ env: 'Nope-v0' }), { cwd: '/', name: 'x' }),
    'ENV_NOT_FOUND',
    'Nope-v0',
  ],
  launchQueued: [
    async () =>
      g.launchQueued(await g.planLaunch(g.parseLaunch({ env: 'CartPole-v1' }), { cwd: '/', name: 'x' }), {
        queue: 'http://x',
        runDir: 'x',
      }),
    'QUEUE_URL',
    'redis://localhost:6379',
  ],
  serveQueue: [() => g.serveQueue({ queue: 'redis://x', runDir: 'x', heartbeat: 0 }), 'INVALID_OPTION', 'heartbeat'],
  listQueue: [() => g.listQueue(wrong('')), 'QUEUE_URL', 'redis://localhost:6379'],
  cancelQueued: [() => g.cancelQueued('x', []), 'QUEUE_URL', 'redis://localhost:6379'],
  parseLaunch: [() => g.parseLaunch({ env: 'CartPole-v1', seed: 1 }), 'LAUNCH_INVALID', 'seed'],
  readLaunch: [() => g.readLaunch('/nonexistent/a.yaml'), 'LAUNCH_NOT_FOUND', '/nonexistent/a.yaml'],
  slurmScript: [
    () => g.slurmScript(wrong({ name: 'x', runs: [], cwd: '/' }), { runDir: 'a"b' }),
    'LAUNCH_INVALID',
    '--run-dir',
  ],
  kubernetesManifest: [() => g.kubernetesManifest(wrong({}), { image: '', claim: 'x' }), 'LAUNCH_INVALID', 'image'],
  stratifiedBootstrap: [() => g.stratifiedBootstrap([[1]], wrong(null)), 'INVALID_OPTION', 'a function'],
  train: [() => g.train({ env: 'Nope-v0' }), 'ENV_NOT_FOUND', "'Nope-v0'"],
  resume: [() => g.resume('/nonexistent'), 'RUN_NOT_FOUND', 'gymkhana train'],
  unflatten: [() => g.unflatten(two, [1]), 'INVALID_VALUE', 'got 1'],
  verifyEpisodes: [() => g.verifyEpisodes(GONE), 'FILE_NOT_FOUND', GONE],
  wrapperStates: [() => g.wrapperStates(wrong(null)), 'INVALID_ENV', 'got null'],
  writeEpisodePage: [() => g.writeEpisodePage('never.html', GONE), 'FILE_NOT_FOUND', 'nonexistent'],
  writeReport: [() => g.writeReport('report.txt', ['runs']), 'UNKNOWN_FORMAT', '.html'],
  RigidBody: [
    () => new physics.MatterWorld({ timeStep: 0.01 }).addBox({ x: 0, y: 0, length: 0, width: 1, mass: 1 }),
    'INVALID_BODY',
    'length',
  ],
  SegmentGrid: [() => new physics.SegmentGrid(0), 'INVALID_GRID', 'got 0'],
  Body: [() => new physics.World().createBody().addCircle(0), 'INVALID_BODY', 'radius'],
  Fixture: [() => new physics.World().createBody().addPolygon([]), 'INVALID_BODY', 'got 0'],
  MatterWorld: [() => new physics.MatterWorld({ timeStep: 0 }), 'INVALID_WORLD', 'got 0'],
  RevoluteJoint: [
    () => {
      const body = new physics.World().createBody();
      body.world.createRevoluteJoint({ bodyA: body, bodyB: body });
    },
    'INVALID_JOINT',
    'two different bodies',
  ],
  PrismaticJoint: [
    () => {
      const world = new physics.World();
      world.createPrismaticJoint({ bodyA: world.createBody(), bodyB: world.createBody(), localAxisA: [0, 0] });
    },
    'INVALID_JOINT',
    'got [0, 0]',
  ],
  DistanceJoint: [
    () => {
      const world = new physics.World();
      world.createDistanceJoint({ bodyA: world.createBody(), bodyB: world.createBody(), length: -1 });
    },
    'INVALID_JOINT',
    'got -1',
  ],
  WeldJoint: [
    () => {
      const world = new physics.World();
      world.createWeldJoint({ bodyA: world.createBody(), bodyB: world.createBody() }).dampingRatio = -2;
    },
    'INVALID_JOINT',
    'got -2',
  ],
  World: [() => new physics.World({ gravity: [0, Number.NaN] }), 'INVALID_WORLD', 'NaN'],
};

/** Exports that take nothing. */
const WITHOUT_INPUT: readonly string[] = ['backendStatuses', 'engineInfo'];

test('every exported function and class has a row', () => {
  const names = [gymkhana, physics, testing].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
  );
  assert.ok(names.length > 120, String(names.length));
  assert.equal([...Object.keys(rows), ...WITHOUT_INPUT].sort(), names.sort());
});

for (const [name, [call, code, says]] of Object.entries(rows)) {
  test(`${name}: ${code}`, async () => {
    await rejectsWith(async () => await call(), { code, says: [says] });
  });
}

test.run();
