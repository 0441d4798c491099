/**
 * What every learner has to do, whatever it runs on: updates that agree with the float64 reference within stated bounds, and
 * runs that solve their env. Nothing is installed: where a learner cannot run, each check is skipped with the reason.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACKENDS, type BackendName, isOnnxDevice } from '../../src/backends/backend.js';
import { backendStatus, measurableDevices } from '../../src/backends/choose.js';
import { usageError } from '../../src/core/errors.js';
import { didYouMean } from '../../src/core/kwargs.js';
import { evaluate, train } from '../../src/index.js';
import {
  boundsOf,
  NETWORKS,
  type ParityBounds,
  type ParityNetwork,
  type ParityTraining,
  TRAININGS,
} from './networks.js';
import { compareUpdates, type Distances, UPDATES } from './updates.js';

const EPISODES = 100;

/** What became of a check. */
export interface Outcome {
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly name: string;
  readonly detail: string;
}

export interface SuiteOptions {
  readonly networks?: readonly ParityNetwork[];
  readonly trainings?: readonly ParityTraining[];
  /** Whether to run the trainings, else each is a skip; by default all but where a program plays the device, which takes half an hour for them. */
  readonly training?: boolean | undefined;
  /** Why the learner cannot run, or null where it can; by default it is tried. */
  readonly unavailable?: string | null;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Runs the checks of a learner. @throws `UNKNOWN_BACKEND` */
export async function paritySuite(backend: string, options: SuiteOptions = {}): Promise<Outcome[]> {
  const name = knownBackend(backend);
  const { networks = NETWORKS, trainings = TRAININGS, onOutcome = () => {} } = options;
  const unavailable = options.unavailable === undefined ? await whyNot(name) : options.unavailable;
  const untrained = unavailable ?? (trainings.length > 0 ? await whyUntrained(name, options.training) : null);
  const outcomes: Outcome[] = [];
  const check = async (title: string, skip: string | null, run: () => Promise<[boolean, string]>): Promise<void> => {
    const outcome =
      skip === null ? await outcomeOf(title, run) : { status: 'skipped' as const, name: title, detail: skip };
    outcomes.push(outcome);
    onOutcome(outcome);
  };
  for (const network of networks) {
    await check(`${UPDATES} updates, ${network.name}`, unavailable, async () => {
      const distances = await compareUpdates(name, network);
      const bounds = boundsOf(name, network);
      const { parameters, moments, losses } = bounds;
      const near = distances.parameters < parameters && distances.moments < moments && distances.losses < losses;
      return [near && distances.moved > 100 * parameters, described(distances, bounds)];
    });
  }
  for (const training of trainings) {
    await check(`${training.env} is solved`, untrained, () => solved(name, training));
  }
  return outcomes;
}

/** A line for an outcome. */
export function outcomeLine({ status, name, detail }: Outcome): string {
  return status === 'skipped'
    ? `# skipped: ${name}: ${detail}`
    : `${status === 'passed' ? 'ok' : 'FAILED'}: ${name}: ${detail}`;
}

/** The last line, as `npm test` ends with. */
export function summaryLine(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

function knownBackend(name: string): BackendName {
  const known = BACKENDS.find((backend) => backend === name);
  if (known !== undefined) return known;
  const message = `there is no learner '${name}'. ${didYouMean(name, BACKENDS)} There are: ${BACKENDS.join(', ')}.`;
  throw usageError('UNKNOWN_BACKEND', message, { got: name, expected: BACKENDS.join(', ') });
}

async function whyNot(backend: BackendName): Promise<string | null> {
  const { available, detail } = await backendStatus(backend);
  return available ? null : detail;
}

/** Why a learner that can run is not trained with, or null where it is. */
async function whyUntrained(backend: BackendName, training: boolean | undefined): Promise<string | null> {
  if (training === false) return 'left out with --no-training';
  if (training === true || !isOnnxDevice(backend)) return null;
  const inHardware = (await measurableDevices()).some(({ name }) => name === backend);
  return inHardware ? null : 'a program plays the device and would take half an hour; --training runs it';
}

async function outcomeOf(name: string, run: () => Promise<[boolean, string]>): Promise<Outcome> {
  try {
    const [passed, detail] = await run();
    return { status: passed ? 'passed' : 'failed', name, detail };
  } catch (error) {
    return { status: 'failed', name, detail: error instanceof Error ? error.message : String(error) };
  }
}

function described(distances: Distances, bounds: ParityBounds): string {
  const part = (name: keyof typeof bounds): string => `${name} ${shown(distances[name])} of ${shown(bounds[name])}`;
  return `apart by ${part('parameters')}, ${part('moments')}, ${part('losses')}; moved by ${shown(distances.moved)}`;
}

function shown(value: number): string {
  return value.toExponential(1);
}

async function solved(
  backend: BackendName,
  { env, threshold, config = {} }: ParityTraining,
): Promise<[boolean, string]> {
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-parity-'));
  try {
    const start = performance.now();
    await train({ env, backend, config, seed: 1, runDir: join(folder, 'run') });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const { meanReturn } = await evaluate(join(folder, 'run'), { episodes: EPISODES });
    const detail = `mean return ${meanReturn.toFixed(1)} of ${EPISODES} episodes, ${threshold} is needed; trained in ${seconds} s`;
    return [meanReturn >= threshold, detail];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
