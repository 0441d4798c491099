// Compares the portable functions with Node 20's own `Math` on ten million seeded inputs each, bit for bit.
// Usage: npm run portable-math [-- --count 1e7 --seed 1], on Node 20; `-- --speed` gives nanoseconds a call of both on any Node, and
// `-- --golden` writes test/golden/portable-math.json instead.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type PortableName, portableMath } from '../src/core/portable-math/index.js';
import { Generator } from '../src/core/seeding/index.js';
import { hashes, pendulumHash } from '../test/fixtures/pages/portable-math.js';
import { forInputs, takesTwo } from '../test/support/math-inputs.js';
import { golden } from '../test/support/paths.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1e7' },
    seed: { type: 'string', default: '1' },
    golden: { type: 'boolean' },
    speed: { type: 'boolean' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error(`--count takes a whole number from 1 and --seed one from 0, got ${values.count} and ${values.seed}.`);
  process.exit(2);
}
const names = Object.keys(portableMath) as PortableName[];

type Apply = (x: number, y: number) => number;

/** The function of `Math` and the portable one; those of one argument do not read the second. */
function pairOf(name: PortableName): readonly [Apply, Apply] {
  return [Math[name] as Apply, portableMath[name] as Apply];
}

/** Whether all results are equal; prints how many are not, and the first of them. */
function compare(name: PortableName): boolean {
  const [own, ours] = pairOf(name);
  let inputs = 0;
  let differ = 0;
  let first = '';
  forInputs(seed, count, (x, y) => {
    inputs++;
    const want = own(x, y);
    const got = ours(x, y);
    if (Object.is(got, want)) return;
    differ++;
    if (first === '') first = `, first ${name}(${takesTwo(name) ? `${x}, ${y}` : x}): ${want} in Node, ${got} here`;
  });
  console.log(`${name.padEnd(6)} ${inputs.toLocaleString('en')} inputs, ${differ} differ${first}`);
  return differ === 0;
}

/** A loop of its own for each function and each of its two forms: a shared one would time calls through a pointer. */
function timer(call: string): (f: unknown, xs: Float64Array, ys: Float64Array) => number {
  return new Function(
    'f',
    'xs',
    'ys',
    `let sum = 0; for (let i = 0; i < xs.length; i++) sum += ${call}; return sum;`,
  ) as never;
}

let sink = 0;

/** Nanoseconds a call, the best of seven rounds of a million. */
function nanoseconds(call: string, f: unknown, xs: Float64Array, ys: Float64Array): number {
  const loop = timer(call);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    // Time of the processor, so that other programs do not count.
    const start = process.cpuUsage();
    for (let i = 0; i < 1000; i++) sink += loop(f, xs, ys);
    best = Math.min(best, process.cpuUsage(start).user);
  }
  return best / xs.length;
}

/** Times both forms on arguments from 0.1 to 10, or within the domain, with second ones from -10 to 10. */
function printSpeed(): void {
  console.log(`${process.version}, V8 ${process.versions.v8}: nanoseconds a call`);
  console.log('         native  portable');
  for (const name of names) {
    const random = Generator.fromSeed(seed);
    const high = ['acos', 'asin', 'atanh'].includes(name) ? 1 : 10;
    const xs = Float64Array.from({ length: 1000 }, () => random.uniform(name === 'acosh' ? 1 : 0.1, high));
    const ys = Float64Array.from({ length: 1000 }, () => random.uniform(-10, 10));
    const parameters = takesTwo(name) ? '(xs[i], ys[i])' : '(xs[i])';
    const own = nanoseconds(`Math.${name}${parameters}`, null, xs, ys);
    const ours = nanoseconds(`f${parameters}`, portableMath[name], xs, ys);
    console.log(`${name.padEnd(6)} ${own.toFixed(1).padStart(8)} ${ours.toFixed(1).padStart(9)}`);
  }
  if (Number.isNaN(sink)) console.log('(some results were not numbers)');
}

function writeGolden(): void {
  const facts = {
    engine: `Node ${process.version}, V8 ${process.versions.v8}, ${process.arch}`,
    seed: 1,
    count: 20_000,
  };
  const pendulum = { seed: 1, steps: 2000, hash: pendulumHash(1, 2000) };
  const call = 'test/fixtures/pages/portable-math.ts with Math itself, by npm run portable-math -- --golden';
  const all = { ...facts, call, hashes: hashes('Math', facts.seed, facts.count), pendulum };
  writeFileSync(golden('portable-math.json'), `${JSON.stringify(all, null, 2)}\n`);
}

if (values.speed === true) {
  printSpeed();
} else if (!process.versions.v8.startsWith('11.3.')) {
  console.error(`This is Node ${process.version}, whose Math may be another; the comparison needs Node 20.`);
  process.exitCode = 2;
} else if (values.golden === true) {
  writeGolden();
} else {
  process.exitCode = names.map(compare).every(Boolean) ? 0 : 1;
}
