/** What a native addon is compiled with: node-gyp, the headers of a Node, a C++ compiler. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { failure } from '../../src/core/errors.js';

/** The prefix whose `include/node` holds the headers of the running Node. @throws `LINK_NO_HEADERS` */
export function headersPrefix(asked: string | null): string {
  const major = Number(process.versions.node.split('.')[0]);
  const own = dirname(dirname(realpathSync(process.execPath)));
  const configured = (process.config.variables as { readonly node_prefix?: string }).node_prefix;
  const prefixes = asked !== null ? [asked] : [own, ...(configured === undefined ? [] : [configured])];
  const found = prefixes.map((prefix) => ({ prefix, major: headersMajor(prefix) }));
  const fitting = found.find((headers) => headers.major === major);
  if (fitting !== undefined) return fitting.prefix;
  const got = found
    .map((headers) => `${headers.prefix}: ${headers.major === null ? 'none' : `of Node ${headers.major}`}`)
    .join('; ');
  const hint =
    'Install Node from https://nodejs.org, nvm or npm, all of which bring headers (Debian: libnode-dev), or give their prefix with --nodedir.';
  throw failure(
    'LINK_NO_HEADERS',
    `expected the headers of Node ${major} in <prefix>/include/node, found ${got}. ${hint}`,
    {
      expected: `headers of Node ${major}`,
      got,
      hint,
    },
  );
}

/** Major version of the headers below a prefix; null where there are none. */
function headersMajor(prefix: string): number | null {
  const folder = join(prefix, 'include', 'node');
  if (!existsSync(join(folder, 'node_api.h')) || !existsSync(join(folder, 'node_version.h'))) return null;
  const major = /#define\s+NODE_MAJOR_VERSION\s+(\d+)/.exec(readFileSync(join(folder, 'node_version.h'), 'utf8'));
  return major === null ? null : Number(major[1]);
}

/** The node-gyp that comes with npm. @throws `LINK_NO_COMPILER` */
export function findNodeGyp(env: NodeJS.ProcessEnv = process.env): string {
  const within = ['node_modules', 'node-gyp', 'bin', 'node-gyp.js'];
  const npms = [
    ...(env['npm_execpath'] === undefined ? [] : [dirname(dirname(env['npm_execpath']))]),
    ...folders(env).flatMap((folder) => {
      const npm = join(folder, 'npm');
      return existsSync(npm) ? [dirname(dirname(realpathSync(npm)))] : [];
    }),
    join(dirname(dirname(realpathSync(process.execPath))), 'lib', 'node_modules', 'npm'),
  ];
  const candidates = [env['npm_config_node_gyp'] ?? '', ...npms.map((npm) => join(npm, ...within))];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw missing('node-gyp, which comes with npm', 'Put npm on the PATH, or run this with npm.');
}

/** @throws `LINK_NO_COMPILER` */
export function requireCompiler(env: NodeJS.ProcessEnv = process.env): void {
  const hint = 'Install them (Debian: build-essential), or name a compiler in CXX.';
  const has = (name: string): boolean => folders(env).some((folder) => existsSync(join(folder, name)));
  if (!has('make')) throw missing('make on the PATH', hint);
  const named = env['CXX'];
  if (named === undefined && !has('g++') && !has('c++')) throw missing('a C++ compiler (g++ or c++) on the PATH', hint);
}

function folders(env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

function missing(expected: string, hint: string): Error {
  return failure('LINK_NO_COMPILER', `expected ${expected}, found none. ${hint}`, { expected, got: 'none', hint });
}
