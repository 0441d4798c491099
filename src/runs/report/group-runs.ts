/** Sorts runs into groups: one method on one task, one run a seed. */
import {
  canonical,
  compareMethods,
  differingSettings,
  methodLabel,
  type Setting,
  settingsOf,
  taskKey,
  taskLabel,
} from './names.js';
import type { LeftOut, RunRecord } from './types.js';

/** The runs of one method on one task, by seed. */
export interface RunGroup {
  readonly task: string;
  readonly method: string;
  readonly runs: readonly RunRecord[];
}

/** Runs in groups, and what was found on the way. */
export interface GroupedRuns {
  readonly groups: readonly RunGroup[];
  /** Labels of tasks, in order, with a run of each. */
  readonly tasks: ReadonlyMap<string, RunRecord>;
  /** Labels of methods, in order. */
  readonly methods: ReadonlyMap<string, { readonly algo: string; readonly settings: readonly Setting[] }>;
  readonly leftOut: readonly LeftOut[];
  readonly notices: readonly string[];
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Groups runs by task, algorithm and the settings in which the runs given differ. Of two runs of one seed in a group one stays: the
 * one that got further; of two that got equally far the one that finished; of two that did the one whose path comes last.
 */
export function groupRuns(runs: readonly RunRecord[]): GroupedRuns {
  const labels = taskLabels(runs);
  const differing = differingSettings(runs);
  const methods = new Map<string, { algo: string; settings: readonly Setting[] }>();
  const groups = new Map<string, { task: string; method: string; runs: Map<number, RunRecord> }>();
  const leftOut: LeftOut[] = [];
  for (const run of runs) {
    const settings = settingsOf(run, differing.get(run.algo) ?? []);
    const method = methodLabel(run.algo, settings);
    const task = labels.get(taskKey(run.env))!;
    methods.set(method, { algo: run.algo, settings });
    const key = JSON.stringify([task, method]);
    if (!groups.has(key)) groups.set(key, { task, method, runs: new Map() });
    const members = groups.get(key)!.runs;
    const other = members.get(run.seed);
    const [kept, dropped] = other === undefined || isBetter(run, other) ? [run, other] : [other, run];
    members.set(run.seed, kept);
    if (dropped !== undefined) {
      const reason = `${kept.path} is a run of the same task, method and seed ${kept.seed}, and got ${furtherThan(kept, dropped)}`;
      leftOut.push({ path: dropped.path, code: 'DUPLICATE_SEED', reason });
    }
  }
  const sorted = [...groups.values()].map(({ task, method, runs: members }) => ({
    task,
    method,
    runs: [...members.values()].sort((a, b) => a.seed - b.seed),
  }));
  const order = [...methods].sort(([, a], [, b]) => compareMethods(a, b));
  const places = new Map(order.map(([method], place) => [method, place]));
  sorted.sort((a, b) => compareTexts(a.task, b.task) || places.get(a.method)! - places.get(b.method)!);
  return {
    groups: sorted,
    tasks: new Map(sorted.map(({ task, runs: members }) => [task, members[0]!])),
    methods: new Map(order),
    leftOut,
    notices: sorted.flatMap(changedModules),
  };
}

/** Labels by the key of the task; the time limit is named where labels would be the same without it. */
function taskLabels(runs: readonly RunRecord[]): ReadonlyMap<string, string> {
  const envs = new Map(runs.map(({ env }) => [taskKey(env), env]));
  const plain = [...envs.values()].map((env) => taskLabel(env, false));
  return new Map(
    [...envs].map(([key, env]) => {
      const label = taskLabel(env, false);
      return [key, plain.filter((one) => one === label).length > 1 ? taskLabel(env, true) : label];
    }),
  );
}

const lastStep = (run: RunRecord): number => run.steps.at(-1)!;

function isBetter(run: RunRecord, other: RunRecord): boolean {
  if (lastStep(run) !== lastStep(other)) return lastStep(run) > lastStep(other);
  const finished = (one: RunRecord): number => (one.status === 'finished' ? 1 : 0);
  if (finished(run) !== finished(other)) return finished(run) > finished(other);
  return run.path > other.path;
}

function furtherThan(kept: RunRecord, dropped: RunRecord): string {
  return lastStep(kept) > lastStep(dropped)
    ? `further: ${lastStep(kept)} steps, this one ${lastStep(dropped)}`
    : 'as far';
}

/** A user's env that changed between the seeds of a group is another task under the same name. */
function changedModules({ task, method, runs }: RunGroup): string[] {
  const versions = new Set(runs.map(({ modules }) => canonical(Object.values(modules))));
  if (versions.size <= 1) return [];
  return [`The runs of ${method} on ${task} were made with ${versions.size} versions of the env's source.`];
}
