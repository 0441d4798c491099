// `npm run <script>`: set-up, then dist/scripts/<script>.js in this same process. Usage: node scripts/run.mjs <script> [flags]
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const [name = ''] = process.argv.splice(2, 1);
const script = new URL(`../dist/scripts/${name}.js`, import.meta.url);
if (!/^[\w/-]+$/.test(name) || !existsSync(script)) {
  process.stderr.write(`There is no script '${name}' in scripts/.\n`);
  process.exit(2);
}
process.argv[1] = fileURLToPath(script);
await import(script.href);
