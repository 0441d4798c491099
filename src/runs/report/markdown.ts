/** A report as Markdown: tables, for pull requests, wikis and terminals. */
import type { Report } from './report.js';
import {
  aggregateTable,
  curveTable,
  improvementTable,
  leftOutTable,
  notNormalizedWords,
  profileTable,
  type ReportTable,
  referenceTable,
  runTable,
  scoreTable,
} from './tables.js';
import { bootstrapWords, extentWords, metricWords } from './words.js';

/**
 * Text of others as Markdown text on one line: no markup, no HTML, no cell's end.
 * Underscores within words need no backslash and stay legible.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
      .replace(/[\\`*[\]|~#!]/g, '\\$&')
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // Some renderers make links of bare addresses.
      .replace(/:\/\//g, '&#58;//')
      .replace(/@/g, '&#64;')
  );
}

function markdownTable({ title, about, head, numeric, rows }: ReportTable): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `| ${numeric.map((right) => (right ? '---:' : '---')).join(' | ')} |`;
  return [`## ${title}`, '', escapeMarkdown(about), '', row(head), rule, ...rows.map(row)].join('\n');
}

/** The report as Markdown. */
export function markdownReport(report: Report, title: string): string {
  const notices = [...report.notices, ...notNormalizedWords(report)];
  const tables = [
    scoreTable(report),
    leftOutTable(report),
    curveTable(report),
    aggregateTable(report),
    profileTable(report),
    improvementTable(report),
    referenceTable(report),
    runTable(report),
  ].filter((one) => one !== null);
  const parts = [
    `# ${escapeMarkdown(title)}`,
    escapeMarkdown(`${extentWords(report)}; metric: ${metricWords(report.metric)}. ${bootstrapWords(report)}`),
    ...(notices.length === 0 ? [] : [notices.map((notice) => `- ${escapeMarkdown(notice)}`).join('\n')]),
    ...tables.map(markdownTable),
  ];
  return `${parts.join('\n\n')}\n`;
}
