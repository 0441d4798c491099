/**
 * Writes each built-in env's README.md and the table of envs in the main README from the registry, the envs' field tables and
 * their docs: `node dist/scripts/generate-env-docs.js`. With `--check` it writes nothing and fails if a file is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import '../envs/index.js';
import type { Constant, EnvDocs } from '../src/core/docs.js';
import type { Env, Field } from '../src/core/env.js';
import type { Keyboard } from '../src/core/keyboard.js';
import { type KwargRule, ruleText } from '../src/core/kwargs.js';
import type { EnvSpec } from '../src/core/spec.js';
import { constructEnv, registry } from '../src/registration/index.js';
import { isPicture } from '../src/spaces/box.js';

const START = '<!-- envs:start -->';
const END = '<!-- envs:end -->';

interface Documented {
  readonly spec: EnvSpec;
  /** Folder below the root, `envs/cartpole`. */
  readonly folder: string;
  readonly env: Env;
  readonly docs: EnvDocs;
}

/** The generated files by absolute path; the main README only where it has the markers of the table. */
export async function envDocs(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const all: Documented[] = [];
  for (const spec of registry.values()) {
    const folder = /^gymkhana:(envs\/[^/]+)\//.exec(spec.moduleUrl ?? '')?.[1];
    if (folder === undefined) continue;
    const { docs } = (await import(new URL(`../${folder}/docs.js`, import.meta.url).href)) as { docs: EnvDocs };
    all.push({ spec, folder, docs, env: await constructEnv(spec) });
  }
  for (const documented of all) {
    const path = join(root, documented.folder, 'README.md');
    const variants = all.filter((other) => other !== documented && other.folder === documented.folder);
    if (!files.has(path)) files.set(path, envReadme(documented, variants));
  }
  const main = join(root, 'README.md');
  const text = existsSync(main) ? readFileSync(main, 'utf8') : '';
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from >= 0 && to > from) files.set(main, `${text.slice(0, from)}${START}\n${envTable(all)}\n${text.slice(to)}`);
  return files;
}

/** Those of the generated files that are not on disk as they should be. */
export function staleDocs(files: ReadonlyMap<string, string>): string[] {
  return [...files]
    .filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text)
    .map(([path]) => path);
}

function envTable(all: readonly Documented[]): string {
  const rows = all.map(({ spec, folder, env }) => [
    `[${spec.id}](${folder}/README.md)`,
    env.metadata.about ?? '',
    code(spaceText(env.observationSpace)),
    code(spaceText(env.actionSpace)),
    String(spec.maxEpisodeSteps ?? 'none'),
    String(spec.rewardThreshold ?? ''),
  ]);
  return table(['Environment', 'Task', 'Observation', 'Action', 'Steps', 'Solved at'], rows);
}

/** The README of a folder: of its first id, with a table of the others, which differ in keyword arguments and limits. */
function envReadme({ spec, folder, env, docs }: Documented, variants: readonly Documented[]): string {
  const { fields, keyboard } = env.metadata;
  const sections: (string | null)[] = [
    `<!-- Generated from fields.ts and docs.ts by scripts/generate-env-docs.ts. -->\n# ${spec.id}`,
    docs.task,
    `\`\`\`ts\nimport { make } from 'gymkhana';\n\nconst env = await make('${spec.id}');\nlet { observation } = env.reset({ seed: 1 });\n\`\`\``,
    section('Observation', `${code(spaceText(env.observationSpace))}\n\n${observationText(env)}`),
    section('Action', `${code(spaceText(env.actionSpace))}\n\n${actionTable(env, fields?.action ?? [])}`),
    keyboard === undefined ? null : section('Keyboard', keyboardTable(spec, keyboard)),
    section('Episode', episode(spec, docs)),
    section('Reward', docs.reward + threshold(spec)),
    fields?.info === undefined ? null : section('Info', fieldTable(fields.info)),
    section('Keyword arguments', kwargTable(docs)),
    section('Reset options', resetTable(docs)),
    variants.length === 0 ? null : section('Variants', variantTable([{ spec }, ...variants])),
    section('Scripted baselines', bullets(docs.baselines)),
    Object.keys(docs.constants).length === 0 ? null : section('Constants', constantTable(docs.constants)),
    docs.speed === undefined ? null : section('Speed', docs.speed),
    section(
      'Source',
      `${docs.source}\n\nCode: [${relative(folder, modulePath(spec))}](${relative(folder, modulePath(spec))})`,
    ),
  ];
  return `${sections.filter((text) => text !== null).join('\n\n')}\n`;
}

function variantTable(all: readonly { readonly spec: EnvSpec }[]): string {
  const rows = all.map(({ spec: { id, kwargs, maxEpisodeSteps, rewardThreshold } }) => [
    code(id),
    Object.keys(kwargs).length === 0 ? 'none' : code(JSON.stringify(kwargs)),
    String(maxEpisodeSteps ?? 'none'),
    String(rewardThreshold ?? ''),
  ]);
  return table(['Id', 'Keyword arguments', 'Steps', 'Solved at'], rows);
}

function modulePath(spec: EnvSpec): string {
  return (spec.moduleUrl ?? '').replace('gymkhana:', '').replace(/\.js$/, '.ts');
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}

/** A space without its list of bounds, which the field table has. */
function spaceText(space: unknown): string {
  return String(space).replace(/\[.*\], \[.*\], (?=\(\d+,\))/s, '');
}

function episode(spec: EnvSpec, docs: EnvDocs): string {
  const truncated =
    spec.maxEpisodeSteps === null
      ? '- **Truncated** never.'
      : `- **Truncated** by the time limit of ${spec.maxEpisodeSteps} steps.`;
  return `- **Start.** ${docs.start}\n- **Terminated.** ${docs.end}\n${truncated}`;
}

function threshold({ rewardThreshold }: EnvSpec): string {
  return rewardThreshold === null ? '' : `\n\nSolved at a mean return of ${rewardThreshold}.`;
}

function fieldTable(fields: readonly Field[]): string {
  const rows = fields.map(({ name, unit, low, high, about }, k) => [
    String(k),
    code(name),
    unit,
    number(low),
    number(high),
    about,
  ]);
  return table(['#', 'Name', 'Unit', 'Low', 'High', 'Meaning'], rows);
}

/** The table of an observation's numbers, or the order of a picture's. */
function observationText({ observationSpace, metadata }: Env): string {
  if (!isPicture(observationSpace)) return fieldTable(metadata.fields?.observation ?? []);
  const [height, width, channels] = observationSpace.shape!;
  const bytes = channels === 3 ? 'red, green and blue' : 'a grey value';
  return `A picture of ${height} rows, from the top, of ${width} pixels, from the left; each pixel has ${bytes} from 0 to 255.`;
}

/** A Discrete action has a row for each value. */
function actionTable(env: Env, fields: readonly Field[]): string {
  if (env.actionSpace.type !== 'Discrete') return fieldTable(fields);
  return table(
    ['Value', 'Name', 'Meaning'],
    fields.map(({ name, low, about }) => [String(low), code(name), about]),
  );
}

/** Keys for `gymkhana play`. */
function keyboardTable({ id }: EnvSpec, { idle, bindings }: Keyboard): string {
  const rows = bindings.map(({ keys, action, label }) => [
    keys.map(code).join(' + '),
    code(JSON.stringify(action)),
    label,
  ]);
  const none =
    idle === null ? 'Without a key the game waits.' : `Without a key the action is ${code(JSON.stringify(idle))}.`;
  return `${code(`gymkhana play ${id}`)}. ${none}\n\n${table(['Keys', 'Action', 'Meaning'], rows)}`;
}

function kwargTable({ kwargs }: EnvDocs): string {
  const rows = Object.entries(kwargs).map(([name, rule]) => [
    code(name),
    ruleText(rule),
    code(defaultText(rule)),
    rule.about ?? '',
  ]);
  if (rows.length === 0) return 'None.';
  return table(['Name', 'Allowed', 'Default', 'Meaning'], rows);
}

function defaultText(rule: KwargRule): string {
  if (rule.type === 'enum') return `'${rule.default}'`;
  if (rule.type === 'numbers' || rule.type === 'strings') return JSON.stringify(rule.default);
  if (rule.type !== 'range') return String(rule.default);
  const [low, high] = rule.default;
  return low === high ? String(low) : `[${low}, ${high}]`;
}

function resetTable({ resetOptions }: EnvDocs): string {
  if (Object.keys(resetOptions).length === 0) return 'None.';
  const rows = Object.entries(resetOptions).map(([name, option]) => [code(name), option.default, option.about]);
  return `Given as \`reset({ options: { ... } })\`.\n\n${table(['Name', 'Default', 'Meaning'], rows)}`;
}

function constantTable(constants: Readonly<Record<string, Constant>>): string {
  const entries = Object.entries(constants);
  const sourced = entries.some(([, { source }]) => source !== undefined);
  const rows = entries.map(([name, { value, unit, about, source }]) => {
    const cells = [code(name), number(value), unit, about];
    return sourced ? [...cells, source ?? ''] : cells;
  });
  return table(['Name', 'Value', 'Unit', 'Meaning', ...(sourced ? ['Source'] : [])], rows);
}

function bullets(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([name, about]) => `- ${code(name)}: ${about}`)
    .join('\n');
}

/** Six significant digits. */
function number(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(Number(value.toPrecision(6)));
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table as the project's formatter writes it: columns padded to their widest cell, at least three wide. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[], fill = ' '): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!, fill)).join(' | ')} |`;
  const [first, ...others] = cells;
  return [
    line(first!),
    line(
      widths.map(() => ''),
      '-',
    ),
    ...others.map((row) => line(row)),
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const files = await envDocs(root);
  const stale = staleDocs(files);
  if (process.argv.includes('--check')) {
    for (const path of stale) process.stdout.write(`stale: ${relative(root, path)}\n`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const path of stale) writeFileSync(path, files.get(path)!);
    process.stdout.write(`${stale.length} of ${files.size} files written\n`);
  }
}
