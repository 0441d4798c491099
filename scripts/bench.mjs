// `npm run bench`: set-up, then the benchmark in this same process.
import { fileURLToPath } from 'node:url';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const bench = new URL('../dist/scripts/bench/main.js', import.meta.url);
process.argv[1] = fileURLToPath(bench);
await import(bench.href);
