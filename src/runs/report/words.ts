/** Numbers and names as a reader of a report sees them. */
import type { Estimate } from './bootstrap.js';
import type { Report } from './report.js';

/** A figure with as many digits as matter. */
export function figure(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 || size === 0 ? 2 : 3;
  const least = Number.isInteger(value) ? 0 : digits;
  return value.toLocaleString('en', { minimumFractionDigits: least, maximumFractionDigits: digits });
}

/** A whole number with separators. */
export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** `1.2 [1.0, 1.4]`: an estimate and the ends of its interval. */
export function interval({ value, low, high }: Estimate): string {
  return `${figure(value)} [${figure(low)}, ${figure(high)}]`;
}

/** `1 run`, `2 runs`. */
export function plural(n: number, one: string, many: string = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `95 %` */
export function percent(part: number): string {
  return `${Number((part * 100).toPrecision(6))} %`;
}

const METRICS: Readonly<Record<string, string>> = {
  'charts/episodic_return': 'mean return of the last 100 training episodes',
  'eval/mean_return': 'mean return of the evaluation episodes',
};

/** A metric in words; its name where it is none of the usual ones. */
export function metricWords(metric: string): string {
  return Object.hasOwn(METRICS, metric) ? METRICS[metric]! : metric;
}

/** A metric as the label of an axis. */
export function metricLabel(metric: string): string {
  return Object.hasOwn(METRICS, metric) ? 'return' : metric;
}

/** `12 runs of 2 methods on 3 envs`. */
export function extentWords({ runs, methods, tasks }: Report): string {
  return `${plural(runs.length, 'run')} of ${plural(methods.length, 'method')} on ${plural(tasks.length, 'env')}`;
}

/** How the intervals were made. */
export function bootstrapWords({ options: { reps, confidence, seed } }: Report): string {
  return `Intervals: stratified percentile bootstrap over seeds, ${percent(confidence)}, ${count(reps)} resamples, seed ${seed}.`;
}
