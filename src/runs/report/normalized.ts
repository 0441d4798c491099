/** Statistics over tasks, on scores that are 0 for random play and 1 for a reference. */
import { aggregateIqm, aggregateMean, aggregateMedian, aggregateOptimalityGap } from './aggregates.js';
import { type BootstrapOptions, stratifiedBootstrap } from './bootstrap.js';
import { commonSteps, valuesAt } from './grid.js';
import type { RunGroup } from './group-runs.js';
import { iqmCurve } from './iqm-curve.js';
import { performanceProfile } from './profile.js';
import type { NormalizedReport, ReportCurve } from './report.js';

/** Random play and the reference of a task. */
export interface Scale {
  readonly random: number;
  readonly reference: number;
}

/** Thresholds of a profile. */
const THRESHOLDS = 101;

/** A score on the scale of its task. */
export function normalize(score: number, { random, reference }: Scale): number {
  return (score - random) / (reference - random);
}

/**
 * Aggregates, profiles and curves of methods over the tasks that have a scale. Methods are compared on the tasks that all of them
 * were run on; if there is none, each has its own, and a notice says so.
 *
 * @returns null if no group has a scale.
 */
export function normalizedReport(
  groups: readonly RunGroup[],
  scales: ReadonlyMap<string, Scale>,
  options: BootstrapOptions & { readonly points: number },
  notices: string[],
): NormalizedReport | null {
  const scaled = groups.filter(({ task }) => scales.has(task));
  if (scaled.length === 0) return null;
  const byMethod = new Map<string, RunGroup[]>();
  for (const group of scaled) byMethod.set(group.method, [...(byMethod.get(group.method) ?? []), group]);
  const tasks = [...new Set(scaled.map(({ task }) => task))];
  const common = tasks.filter((task) =>
    [...byMethod.values()].every((own) => own.some((group) => group.task === task)),
  );
  const counted = common.length > 0 ? common : tasks;
  if (common.length === 0) {
    notices.push(
      'No task with references was run with every method: each method is aggregated over its own tasks, which is no comparison.',
    );
  } else if (common.length < tasks.length) {
    const dropped = tasks.filter((task) => !common.includes(task));
    notices.push(
      `Aggregates compare methods on the tasks that all of them were run on; ${dropped.join(', ')} ${dropped.length === 1 ? 'is' : 'are'} left out of them.`,
    );
  }
  const methods = [...byMethod].map(([method, own]) => {
    const members = own.filter(({ task }) => counted.includes(task));
    const scores = members.map(({ task, runs }) =>
      runs.map(({ values }) => normalize(values.at(-1)!, scales.get(task)!)),
    );
    return { method, members, scores };
  });
  const all = methods.flatMap(({ scores }) => scores.flat());
  const thresholds = evenly(Math.min(0, ...all), Math.max(1, ...all));
  return {
    tasks: counted,
    aggregates: methods.map(({ method, members, scores }) => ({
      method,
      tasks: members.map(({ task }) => task),
      runs: scores.flat().length,
      mean: stratifiedBootstrap(scores, aggregateMean, options),
      median: stratifiedBootstrap(scores, aggregateMedian, options),
      iqm: stratifiedBootstrap(scores, aggregateIqm, options),
      optimalityGap: stratifiedBootstrap(scores, (one) => aggregateOptimalityGap(one), options),
    })),
    thresholds,
    profiles: methods.map(({ method, scores }) => ({ method, band: performanceProfile(scores, thresholds, options) })),
    efficiency: methods.flatMap(({ method, members }) => {
      const curve = members.length < 2 ? null : efficiency(members, scales, options);
      return curve === null ? [] : [{ method, curve }];
    }),
  };
}

/** Values at equal distances, ends included. */
function evenly(from: number, to: number): number[] {
  return Array.from({ length: THRESHOLDS }, (_, k) => from + ((to - from) * k) / (THRESHOLDS - 1));
}

/** The interquartile mean of the normalised curves of all runs of all tasks, up to the shortest run's end. */
function efficiency(
  groups: readonly RunGroup[],
  scales: ReadonlyMap<string, Scale>,
  options: BootstrapOptions & { readonly points: number },
): ReportCurve | null {
  const steps = commonSteps(
    groups.flatMap(({ runs }) => runs),
    options.points,
  );
  if (steps.length === 0) return null;
  const curves = groups.flatMap(({ task, runs }) =>
    runs.map((run) => valuesAt(run, steps).map((value) => normalize(value, scales.get(task)!))),
  );
  const sizes = groups.map(({ runs }) => runs.length);
  return { steps: [...steps], iqm: iqmCurve(curves, sizes, options) };
}
