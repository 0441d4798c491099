import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PortableName, portableMath } from '../../../src/core/portable-math/index.js';
import { hashes } from '../../fixtures/pages/portable-math.js';
import { forInputs } from '../../support/math-inputs.js';
import { golden } from '../../support/paths.js';

type Apply = (x: unknown, y?: unknown) => number;

interface Golden {
  readonly seed: number;
  readonly count: number;
  readonly hashes: Readonly<Record<string, number>>;
}

/** Hashes of Node 20's own functions; the file says how they were made. */
const recorded = JSON.parse(readFileSync(golden('portable-math.json'), 'utf8')) as Golden;
const names = Object.keys(portableMath) as PortableName[];

/** V8 of Node 20: later ones have another `pow`, and browsers other sines. */
const isReference = process.versions.v8.startsWith('11.3.') && process.arch === 'x64';

function sameAsNative(name: PortableName, x: unknown, y?: unknown): void {
  const got = (portableMath[name] as Apply)(x, y);
  const want = (Math[name] as Apply)(x, y);
  if (!Object.is(got, want)) assert.unreachable(`${name}(${String(x)}, ${String(y)}) is ${want} in Node, ${got} here`);
}

test('every function of Math that the language leaves to the engine has a portable form', () => {
  // Exact by ECMA-262, except random, which nothing reproducible calls.
  const exact = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'random', 'round', 'sign', 'sqrt'];
  // Exact as well, in later engines.
  const later = ['f16round', 'sumPrecise'];
  const all = Object.getOwnPropertyNames(Math).filter((name) => typeof Math[name as keyof Math] === 'function');
  const own = all.filter((name) => ![...exact, ...later, 'trunc'].includes(name));
  assert.equal(own.sort(), [...names].sort());
});

test("on every engine the results have the hashes of those of Node 20's own functions", () => {
  assert.equal(hashes('portable', recorded.seed, recorded.count), recorded.hashes);
});

if (isReference) {
  test("the recorded hashes are those of this Node 20's own functions", () => {
    assert.equal(hashes('Math', recorded.seed, recorded.count), recorded.hashes);
  });

  for (const name of names) {
    test(`${name} is Node 20's own, bit for bit`, () => {
      const native = Math[name] as (x: number, y: number) => number;
      const ours = portableMath[name] as (x: number, y: number) => number;
      forInputs(20, 100_000, (x, y) => {
        if (!Object.is(ours(x, y), native(x, y))) sameAsNative(name, x, y);
      });
    });
  }

  test('any two doubles give the same as in Node 20', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (x, y) => {
        for (const name of names) sameAsNative(name, x, y);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is no number is converted as Math converts it', () => {
    const odd: readonly unknown[] = [
      '0.5',
      '',
      'x',
      true,
      false,
      null,
      undefined,
      [],
      [2],
      [1, 2],
      {},
      { valueOf: () => 0.75 },
      '1e400',
    ];
    for (const name of names) {
      for (const x of odd) for (const y of [...odd, 2]) sameAsNative(name, x, y);
    }
  });
} else {
  console.log(`# skipped: comparison with Node 20's own Math (this is ${process.version} on ${process.arch})`);
}

test('what cannot be converted is a TypeError, as with Math', () => {
  for (const name of names) {
    for (const x of [1n, Symbol('x')]) {
      assert.throws(
        () => (portableMath[name] as Apply)(x, 1),
        (error: unknown) => error instanceof TypeError,
      );
    }
  }
});

test('hypot takes any number of arguments', () => {
  const rows: readonly (readonly [readonly number[], number])[] = [
    [[], 0],
    [[-3], 3],
    [[3, 4, 12], 13],
    [[Number.NaN, Number.NEGATIVE_INFINITY], Number.POSITIVE_INFINITY],
    [[Number.POSITIVE_INFINITY, Number.NaN], Number.POSITIVE_INFINITY],
    [[Number.NaN, 1], Number.NaN],
    [[-0, -0], 0],
    [[3e-320, 4e-320], 5e-320],
    [[3e300, 4e300, 12e300], 13e300],
  ];
  for (const [values, length] of rows) assert.is(Object.is(portableMath.hypot(...values), length), true, `${values}`);
  fc.assert(
    fc.property(fc.array(fc.double(), { maxLength: 8 }), (values) => {
      if (isReference) assert.is(Object.is(portableMath.hypot(...values), Math.hypot(...values)), true);
    }),
  );
});

test.run();
