// `npm start`: set-up, then the main job in this same process, so that signals, arguments and the exit status are its own.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const job = new URL('../dist/scripts/main-job.js', import.meta.url);
if (!existsSync(job)) {
  process.stderr.write(
    'dist/scripts/main-job.js is missing although the build succeeded: delete dist and run `npm start` again.\n',
  );
  process.exit(1);
}
process.argv[1] = fileURLToPath(job);
await import(job.href);
