/** A report as one HTML page: charts drawn here, no script, nothing to load. */
import { htmlDocument } from '../../html/document.js';
import { escapeHtml } from '../../html/escape.js';
import { intervalChart } from './charts/interval-chart.js';
import { type LevelLine, lineChart, seriesClass } from './charts/line-chart.js';
import type { MethodAggregates, Report, ReportTask } from './report.js';
import { REPORT_STYLE } from './report-style.js';
import {
  aggregateTable,
  curveTable,
  improvementTable,
  leftOutTable,
  notNormalizedWords,
  type ReportTable,
  referenceTable,
  runTable,
  scoreTable,
} from './tables.js';
import { bootstrapWords, extentWords, figure, metricLabel, metricWords, percent } from './words.js';

/** Pairs that a chart shows; the table goes on. */
const MOST_ROWS = 24;

/** The whole page. */
export function htmlReport(report: Report, title: string): string {
  const colours = new Map(report.methods.map(({ label }, k) => [label, k]));
  const notices = [...report.notices, ...notNormalizedWords(report)];
  const left = leftOutTable(report);
  const references = referenceTable(report);
  const sections = [
    left === null ? '' : section(left.title, left.about, [], left),
    curves(report, colours),
    tableSection(scoreTable(report)),
    aggregates(report, colours),
    profiles(report, colours),
    improvements(report),
    references === null ? '' : tableSection(references),
    folded(curveTable(report)),
    folded(runTable(report)),
  ];
  const body = `<div class="wrap">
<header><div><h1>${escapeHtml(title)}</h1><p>${escapeHtml(`${extentWords(report)}. Metric: ${metricWords(report.metric)}.`)}</p></div></header>
${notices.length === 0 ? '' : `<div class="notes" role="note">${notices.map((notice) => `<p>${escapeHtml(notice)}</p>`).join('')}</div>`}
<main>${sections.join('\n')}</main>
<footer><p>${escapeHtml(bootstrapWords(report))}</p><p>Statistics as in Agarwal et al., Deep RL at the Edge of the Statistical Precipice, 2021.</p></footer>
</div>`;
  return htmlDocument({ title, style: REPORT_STYLE, script: null, body });
}

/** Methods that a chart shows: colours and dashes tell no more apart. */
const MOST_SERIES = 32;

/** What a chart shows of a list: all of it, or what has the highest values, and a word on it for the caption. */
function highest<T>(all: readonly T[], value: (one: T) => number): { shown: readonly T[]; note: string } {
  if (all.length <= MOST_SERIES) return { shown: all, note: '' };
  const shown = [...all].sort((a, b) => value(b) - value(a)).slice(0, MOST_SERIES);
  return { shown, note: ` (the ${MOST_SERIES} highest of ${all.length})` };
}

type Colours = ReadonlyMap<string, number>;

function section(title: string, about: string, figures: readonly string[], table: ReportTable | null = null): string {
  const charts = figures.length === 0 ? '' : `<div class="charts">${figures.join('')}</div>`;
  return `<section class="card pad" aria-label="${escapeHtml(title)}"><h2>${escapeHtml(title)}</h2><p class="about">${escapeHtml(about)}</p>${charts}${table === null ? '' : tableElement(table)}</section>`;
}

function tableSection(table: ReportTable): string {
  return section(table.title, table.about, [], table);
}

/** A table that most readers need not see. */
function folded(table: ReportTable | null): string {
  if (table === null) return '';
  const title = `${table.title}: table`;
  return `<section class="card pad" aria-label="${escapeHtml(title)}"><details><summary>${escapeHtml(title)}</summary><p class="about">${escapeHtml(table.about)}</p>${tableElement(table)}</details></section>`;
}

/** A table that scrolls by itself where it is wider than the page, with the keyboard too. */
function tableElement({ title, head, numeric, rows }: ReportTable): string {
  const kind = (column: number): string => (numeric[column] === true ? ' class="number"' : '');
  const cells = (row: readonly string[]): string =>
    row
      .map(
        (cell, column) =>
          `<td${numeric[column] === true ? ' class="number"' : ' class="text"'}>${escapeHtml(cell)}</td>`,
      )
      .join('');
  const header = head.map((name, column) => `<th scope="col"${kind(column)}>${escapeHtml(name)}</th>`).join('');
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(`${title}, table`)}"><table><thead><tr>${header}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells(row)}</tr>`)
    .join('')}</tbody></table></div>`;
}

function figureElement(caption: string, chart: string, legend: readonly string[] = []): string {
  const list = legend.length === 0 ? '' : `<ul class="legend">${legend.join('')}</ul>`;
  return `<figure><figcaption>${escapeHtml(caption)}</figcaption>${chart}${list}</figure>`;
}

function legendItem(label: string, lineClass: string): string {
  return `<li><svg viewBox="0 0 26 10" aria-hidden="true"><line class="${lineClass}" x1="1" x2="25" y1="5" y2="5"/></svg><span>${escapeHtml(label)}</span></li>`;
}

const methodItem = (colours: Colours) => (label: string) =>
  legendItem(label, `curve ${seriesClass(colours.get(label)!)}`);

function levelsOf({ references, threshold }: ReportTask): { lines: LevelLine[]; items: string[] } {
  const lines: LevelLine[] = [];
  const items: string[] = [];
  const [reference] = references;
  if (reference !== undefined) {
    lines.push({ value: reference.score, kind: 'reference' });
    items.push(legendItem(`${reference.name}: ${figure(reference.score)}`, 'level reference'));
  }
  if (threshold !== null) {
    lines.push({ value: threshold, kind: 'threshold' });
    items.push(legendItem(`solved at ${figure(threshold)}`, 'level threshold'));
  }
  return { lines, items };
}

function curves(report: Report, colours: Colours): string {
  const { tasks, groups, metric, options, normalized } = report;
  const figures = tasks.flatMap((task) => {
    const all = groups.filter((group) => group.task === task.label && group.curve !== null);
    if (all.length === 0) return [];
    const { shown: own, note } = highest(all, ({ score }) => score.iqm.value);
    const { lines, items } = levelsOf(task);
    const chart = lineChart({
      name: `Learning curves on ${task.label}`,
      description: `${metricLabel(metric)} over env steps, of ${own.map(({ method }) => method).join(', ')}`,
      xLabel: 'env steps',
      yLabel: metricLabel(metric),
      xFormat: '~s',
      series: own.map(({ method, curve }) => ({
        colour: colours.get(method)!,
        x: curve!.steps,
        band: curve!.iqm,
      })),
      levels: lines,
    });
    const named = own.map(({ method, seeds }) =>
      legendItem(
        `${method} (${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'})`,
        `curve ${seriesClass(colours.get(method)!)}`,
      ),
    );
    return [figureElement(task.label + note, chart, [...named, ...items])];
  });
  const { shown: efficiency, note } = highest(normalized?.efficiency ?? [], ({ curve }) => curve.iqm.value.at(-1)!);
  if (efficiency.length > 0) {
    const chart = lineChart({
      name: 'Sample efficiency',
      description: `interquartile mean of normalized scores of all envs over env steps`,
      xLabel: 'env steps',
      yLabel: 'normalized score',
      xFormat: '~s',
      series: efficiency.map(({ method, curve }) => ({
        colour: colours.get(method)!,
        x: curve.steps,
        band: curve.iqm,
      })),
    });
    figures.push(
      figureElement(
        `All envs, normalized (sample efficiency)${note}`,
        chart,
        efficiency.map(({ method }) => methodItem(colours)(method)),
      ),
    );
  }
  if (figures.length === 0) return '';
  const about = `Lines: interquartile mean over seeds of the ${metricWords(metric)}. Bands: its ${percent(options.confidence)} interval. Each curve ends where its shortest run ends.`;
  return section('Learning curves', about, figures);
}

function aggregates(report: Report, colours: Colours): string {
  const { normalized } = report;
  const table = aggregateTable(report);
  if (normalized === null || table === null) return '';
  const { shown, note } = highest(normalized.aggregates, ({ iqm }) => iqm.value);
  const one = (caption: string, name: keyof Pick<MethodAggregates, 'iqm' | 'median' | 'mean' | 'optimalityGap'>) =>
    figureElement(
      caption + note,
      intervalChart({
        name: caption,
        description: `of ${shown.map(({ method }) => method).join(', ')}, with intervals`,
        xLabel: name === 'optimalityGap' ? 'short of a normalized score of 1' : 'normalized score',
        rows: shown.map((aggregate) => ({
          label: aggregate.method,
          colour: colours.get(aggregate.method)!,
          estimate: aggregate[name],
        })),
      }),
    );
  const figures = [
    one('Interquartile mean', 'iqm'),
    one('Median of envs', 'median'),
    one('Mean of envs', 'mean'),
    one('Optimality gap (lower is better)', 'optimalityGap'),
  ];
  return section(table.title, table.about, figures, table);
}

function profiles({ normalized, options }: Report, colours: Colours): string {
  if (normalized === null) return '';
  const iqms = new Map(normalized.aggregates.map(({ method, iqm }) => [method, iqm.value]));
  const { shown, note } = highest(normalized.profiles, ({ method }) => iqms.get(method)!);
  const chart = lineChart({
    name: 'Performance profile',
    description: `part of runs above a normalized score, of ${shown.map(({ method }) => method).join(', ')}`,
    xLabel: 'normalized score τ',
    yLabel: 'part of runs with score > τ',
    series: shown.map(({ method, band }) => ({
      colour: colours.get(method)!,
      x: normalized.thresholds,
      band,
    })),
    yDomain: [0, 1],
  });
  const about = `Which part of all runs on ${normalized.tasks.join(', ')} does better than a score: higher is better, everywhere along the axis. Bands: ${percent(options.confidence)} intervals.`;
  const legend = shown.map(({ method }) => methodItem(colours)(method));
  return section('Performance profile', about, [figureElement(`Score distribution${note}`, chart, legend)]);
}

function improvements(report: Report): string {
  const table = improvementTable(report);
  if (table === null) return '';
  const chart = intervalChart({
    name: 'Probability of improvement',
    description: 'for pairs of methods, with intervals and a mark at one half',
    xLabel: 'P(X > Y)',
    rows: report.improvement.slice(0, MOST_ROWS).map(({ x, y, probability }) => ({
      label: `${x}  >  ${y}`,
      colour: 0,
      estimate: probability,
    })),
    xDomain: [0, 1],
    mark: 0.5,
  });
  const caption = report.improvement.length > MOST_ROWS ? `The first ${MOST_ROWS} pairs` : 'Pairs of methods';
  return section(table.title, table.about, [figureElement(caption, chart)], table);
}
