// Compares the portable functions with Node 20's own `Math` on ten million seeded inputs each, bit for bit.
// Usage: npm run portable-math [-- --count 1e7 --seed 1], on Node 20; `--golden` writes test/golden/portable-math.json instead.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type PortableName, portableMath } from '../src/core/portable-math/index.js';
import { forInputs, resultHash, takesTwo } from '../test/support/math-inputs.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1e7' },
    seed: { type: 'string', default: '1' },
    golden: { type: 'boolean' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
const names = Object.keys(portableMath) as PortableName[];

/** A native function, which reads only as many arguments as the portable one. */
function native(name: PortableName): (x: number, y: number) => number {
  return Math[name] as (x: number, y: number) => number;
}

if (!process.versions.v8.startsWith('11.3.')) {
  console.error(`This is Node ${process.version} with another Math; the comparison needs Node 20.`);
  process.exitCode = 1;
} else if (values.golden === true) {
  const golden = { engine: `Node ${process.version}, V8 ${process.versions.v8}`, seed: 1, count: 20_000 };
  const hashes = Object.fromEntries(
    names.map((name) => {
      const own = native(name);
      // hypot takes whatever it is given, so every function of one argument gets one only.
      return [name, resultHash(takesTwo(name) ? own : (x) => own(x, 0), golden.seed, golden.count)];
    }),
  );
  const path = fileURLToPath(new URL('../../test/golden/portable-math.json', import.meta.url));
  const call = 'Math[name](x, y) for the arguments of test/support/math-inputs.ts';
  writeFileSync(path, `${JSON.stringify({ ...golden, call, hashes }, null, 2)}\n`);
} else {
  let all = 0;
  for (const name of names) {
    const ours = portableMath[name] as (x: number, y: number) => number;
    const own = native(name);
    let differ = 0;
    let first = '';
    forInputs(seed, count, (x, y) => {
      const got = ours(x, y);
      const want = own(x, y);
      if (Object.is(got, want)) return;
      differ++;
      if (first === '') first = `, first ${name}(${x}, ${y}): ${want} in Node, ${got} here`;
    });
    console.log(`${name.padEnd(6)} ${count.toLocaleString('en')} inputs, ${differ} differ${first}`);
    all += differ;
  }
  process.exitCode = all === 0 ? 0 : 1;
}
