import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  importsOf,
  importViolations,
  parse,
  sourcesOf,
  testFileViolations,
  wordViolations,
} from '../support/architecture.js';
import { projectRoot } from '../support/paths.js';

const sources = sourcesOf(projectRoot, ['src', 'envs', 'agents']);
const tests = sourcesOf(projectRoot, ['test']).filter(({ path }) => path.endsWith('.test.ts'));

function none(violations: readonly string[]): void {
  assert.is(violations.length, 0, `\n${violations.join('\n')}`);
}

test('imports follow the directions of dependency, and each package has its owner', () => {
  assert.ok(sources.length > 50, `only ${sources.length} sources found`);
  none(sources.flatMap(importViolations));
});

test('what the package loads is in its dependencies', () => {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(projectRoot, 'package.json'), 'utf8'),
  ) as {
    dependencies: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  };
  const declared = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
  const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const undeclared = sources
    .flatMap(importsOf)
    .filter(({ specifier }) => !/^(\.|node:|gymkhana)/.test(specifier) && !declared.has(packageOf(specifier)))
    .map(({ specifier, where }) => `${where}: ${specifier}`);
  none(undeclared);
});

test('reproducible code has no clock, no global randomness, no powers and no console', () => {
  none(sources.flatMap(wordViolations));
});

test('every test file runs its tests and asserts something', () => {
  assert.ok(tests.length > 10, `only ${tests.length} test files found`);
  none(tests.flatMap(testFileViolations));
});

const imports: [string, string, string | null][] = [
  ['src/core/a.ts', "import { Box } from '../spaces/box.js';", 'core may not import spaces'],
  ['src/core/a.ts', "import type { Box } from '../spaces/box.js';", null],
  ['src/core/a.ts', "export * from '../spaces/box.js';", 'core may not import spaces'],
  ['src/core/a.ts', "export type { Box } from '../spaces/box.js';", null],
  ['src/core/a.ts', "await import('../cli/main.js');", 'core may not import cli'],
  ['src/core/seeding/a.ts', "import { x } from '../errors.js';", null],
  ['src/runs/a.ts', "import { x } from '../core/errors.js'; import { train } from '../../agents/ppo/ppo.js';", null],
  ['agents/ppo/a.ts', "import { x } from '../../src/runs/train.js';", 'agents may not import runs'],
  ['envs/driving/a.ts', "import { x } from '../../src/registration/index.js';", 'envs may not import registration'],
  ['envs/driving/a.ts', "import { x } from '../../src/physics/world.js'; import './track.js';", null],
  ['src/viewer/a.ts', "import { x } from '../runs/train.js';", 'viewer may not import runs'],
  ['src/rollout/worker.ts', "import { x } from '../index.js';", 'rollout may not import index'],
  ['envs/driving/a.ts', "import Matter from 'matter-js';", 'only src/physics/ may load matter-js'],
  ['src/physics/a.ts', "import Matter from 'matter-js';", null],
  ['src/vector/a.ts', "const m = createRequire(import.meta.url)('matter-js');", 'only src/physics/'],
  ['src/backends/kernels/a.ts', "import * as tf from '@tensorflow/tfjs-core';", 'only src/backends/tfjs/'],
  ['src/backends/tfjs/a.ts', "import * as tf from '@tensorflow/tfjs-core';", null],
  ['src/backends/onnx/graph.ts', "await import('onnxruntime-node');", 'only src/backends/onnx/runtime.ts may load'],
  ['src/backends/onnx/runtime.ts', "await import('onnxruntime-node');", null],
  ['src/vector/a.ts', "import { Piscina } from 'piscina';", 'only src/rollout/ and src/runs/'],
  ['src/runs/a.ts', "import yargs from 'yargs/helpers';", 'only src/cli/'],
];
for (const [path, text, expected] of imports) {
  test(`the rule on imports: ${path}: ${text}`, () => {
    const violations = importViolations(parse(path, text));
    if (expected === null) none(violations);
    else assert.ok(violations.length === 1 && violations[0]!.includes(expected), violations.join('\n'));
  });
}

const words: [string, string, string | null][] = [
  ['src/core/a.ts', 'const x = Math.random();', 'a.ts:1: Math.random'],
  ['agents/ppo/a.ts', '\nconst x = Date.now();', 'a.ts:2: Date.now'],
  ['src/episode/a.ts', 'const x = new Date();', 'new Date'],
  ['src/runs/a.ts', 'const x = Date.now();', null],
  ['envs/a/a.ts', 'const x = y ** 2;', '** differs'],
  ['src/physics/a.ts', 'x **= 2;', '** differs'],
  ['agents/a/a.ts', 'const p = Math.pow;', 'Math.pow differs'],
  ['src/core/a.ts', 'const x = 2 ** 32;', null],
  ['envs/a/a.ts', '// Math.pow and ** are only words here\nconst text = "Math.random";', null],
  ['src/runs/a.ts', 'console.log(1);', 'console outside the CLI'],
  ['src/cli/a.ts', 'console.log(1);', null],
];
for (const [path, text, expected] of words) {
  test(`the rule on words: ${path}: ${text.trim()}`, () => {
    const violations = wordViolations(parse(path, text));
    if (expected === null) none(violations);
    else assert.ok(violations.length === 1 && violations[0]!.includes(expected), violations.join('\n'));
  });
}

const head = "import { suite, test } from 'uvu'; import * as assert from 'uvu/assert';";
const files: [string, string, string | null][] = [
  ['a complete file', `${head} test('a', () => {}); test.run();`, null],
  ['a file that forgets run()', `${head} test('a', () => {});`, 'never calls test.run()'],
  ['a file that runs inside a function', `${head} function f() { test.run(); }`, 'never calls test.run()'],
  ['a suite that is not run', `${head} const s = suite('s'); test.run();`, 'never calls s.run()'],
  ['a suite that is run', `${head} const s = suite('s'); s.run(); test.run();`, null],
  ['a left-over only', `${head} test.only('a', () => {}); test.run();`, 'test.only skips'],
  ['a file without assertions', "import { test } from 'uvu'; test('a', () => {}); test.run();", 'asserts nothing'],
  ['a file without tests', "import * as assert from 'uvu/assert';", 'imports no test'],
];
for (const [title, text, expected] of files) {
  test(`the rule on test files: ${title}`, () => {
    const violations = testFileViolations(parse('test/a.test.ts', text));
    if (expected === null) none(violations);
    else assert.ok(violations.length === 1 && violations[0]!.includes(expected), violations.join('\n'));
  });
}

test('a mixed import is loaded, a type import is not', () => {
  const found = importsOf(parse('src/a.ts', "import { type A, b } from './a.js'; import type { C } from './c.js';"));
  assert.equal(
    found.map(({ specifier }) => specifier),
    ['./a.js'],
  );
});

test.run();
