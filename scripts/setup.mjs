// Set-up for `npm start` and `npm test`, which call it themselves: installs dependencies when the lock file changed and builds
// when sources changed, one process at a time. It uses nothing but Node, since nothing is installed when it first runs.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];

/** Words of the install command after `npm`. No dependency's install script runs: none is needed, and one downloads for minutes. */
const INSTALL = ['ci', '--ignore-scripts', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];

/** What the build depends on. Golden data is read at run time and not compiled. */
const BUILD_INPUTS = ['src', 'envs', 'agents', 'scripts', 'test', 'tsconfig.json', 'package.json'];
const NOT_BUILT = [join('test', 'golden')];

/** A problem whose message is all that the reader needs: no stack is shown for it. */
export class SetUpError extends Error {}

/** The names of all files below `folder`, relative to `root`, sorted. */
export function filesBelow(root, folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [folder];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = join(folder, entry.name);
      if (entry.isDirectory())
        return NOT_BUILT.includes(name) || entry.name === 'node_modules' ? [] : filesBelow(root, name);
      return entry.isFile() ? [name] : [];
    });
}

/** SHA-256 over names and contents of files. */
export function hashFiles(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function writeJson(path, value) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value)}\n`);
  renameSync(temporary, path);
}

/** True if node_modules holds exactly what the lock file asks for, as the record that npm itself left there says. */
function installedByHand(root, lock) {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  const wanted = lock?.packages;
  if (installed === undefined || wanted === undefined) return false;
  if (Object.keys(installed).some((path) => wanted[path] === undefined)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  });
}

/** What has to be done: `install` and `build`, with the hashes to note once it is done. */
export function inspect(root) {
  const lockFile = join(root, 'package-lock.json');
  if (!existsSync(lockFile))
    throw new SetUpError(`package-lock.json is missing from ${root}: restore it from the repository.`);
  const lockText = readFileSync(lockFile);
  const lockHash = createHash('sha256').update(lockText).digest('hex');
  const installed = readJson(join(root, 'node_modules', '.gymkhana-setup.json'));
  const adopted = installed === null && installedByHand(root, readJson(lockFile));
  const install = !adopted && installed?.lock !== lockHash;

  const files = BUILD_INPUTS.flatMap((input) => filesBelow(root, input));
  const sources = createHash('sha256').update(lockHash).update(hashFiles(root, files)).digest('hex');
  const built = readJson(join(root, 'dist', '.build.json'));
  const outputMissing = (built?.outputs ?? []).some((output) => !existsSync(join(root, output)));
  return { install, adopted, lockHash, build: install || built?.sources !== sources || outputMissing, sources };
}

/** What tells one process from a later one with the same number, where the system says it (Linux). */
function startOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z'
      ? 'dead'
      : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function isAlive(owner) {
  // Another machine's process cannot be asked; its file's age can. A set-up takes well under ten minutes.
  if (owner.host !== hostname()) return Date.now() - owner.since < 600_000;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return owner.start === null || owner.start === startOf(owner.pid);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Waits until no other live process holds the lock folder, then holds it. Every contender first puts its own uniquely named file
 * there and then looks for others, so two can never both go on, and a dead one's file can be removed without a race.
 */
export async function acquireLock(folder, onWait = () => {}) {
  const name = `${hostname()}-${process.pid}-${randomUUID()}.json`;
  const mine = join(folder, name);
  const release = () => {
    rmSync(mine, { force: true });
    try {
      rmdirSync(folder);
    } catch {
      // Somebody else is waiting: the folder is theirs now.
    }
  };
  for (let waited = false; ; ) {
    try {
      mkdirSync(folder, { recursive: true });
      writeJson(mine, {
        pid: process.pid,
        host: hostname(),
        start: startOf(process.pid),
        since: Date.now(),
        state: 'asking',
      });
    } catch (error) {
      if (error.code === 'ENOENT') continue; // The last holder removed the folder in between.
      throw new SetUpError(`Cannot write ${folder} (${error.code}): the project's folder must be writable.`);
    }
    const others = readdirSync(folder).flatMap((file) => {
      if (file === name || !file.endsWith('.json')) return [];
      const owner = readJson(join(folder, file));
      if (owner !== null && isAlive(owner)) return [owner];
      rmSync(join(folder, file), { force: true });
      return [];
    });
    if (others.length === 0) return release;
    release();
    if (!waited) onWait(others[0]);
    waited = true;
    await pause(50 + Math.floor(Math.random() * 200));
  }
}

/** Runs a command to its end and returns its status and all it printed. It ends with this process. */
function capture(command, words, options) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const append = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', append);
    child.stderr.on('data', append);
    const stop = (signal) => {
      child.kill(signal);
      process.exitCode = signal === 'SIGINT' ? 130 : 143;
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const finish = (status, text) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ status, output: text });
    };
    child.on('error', (error) => finish(-1, `${output}${error.message}\n`));
    child.on('close', (code, signal) => finish(code ?? signal, output));
  });
}

async function stage(log, title, command, words, options, advice) {
  const begin = performance.now();
  log(`${title} ... `);
  const { status, output } = await capture(command, words, options);
  if (status === 0) {
    log(`${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
    return;
  }
  log('failed\n');
  if (process.exitCode === 130 || process.exitCode === 143) throw new SetUpError('Stopped.');
  throw new SetUpError(`${output.trimEnd()}\n\n${advice(output, status)}`);
}

function adviseInstall(output, status) {
  if (/ENOENT/.test(output) && status === -1)
    return 'npm was not found on the PATH. It comes with Node: https://nodejs.org';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ERR_SOCKET|network/i.test(output)) {
    return (
      'The npm registry cannot be reached. Check the connection or the proxy (`npm config get registry`, `npm config get proxy`) and ' +
      'run the command again. Without a network, copy node_modules from another clone of the same version: it is used as it is.'
    );
  }
  return `Installing failed (npm ended with ${status}). What npm said is above; \`npm ${INSTALL.join(' ')}\` repeats it.`;
}

/** The complaint about a Node that is too old, or null. */
export function nodeComplaint(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return null;
  return `Gymkhana needs Node ${needMajor}.${needMinor} or newer; this is ${version}. Install a newer one from https://nodejs.org and try again.`;
}

/**
 * Brings node_modules and dist up to date; does nothing, in a few milliseconds, if they are.
 * Throws `SetUpError` with a text for the user.
 */
export async function setUp({
  root = fileURLToPath(new URL('..', import.meta.url)),
  log = (text) => process.stderr.write(text),
} = {}) {
  const complaint = nodeComplaint(process.version);
  if (complaint !== null) throw new SetUpError(complaint);
  const first = inspect(root);
  if (!first.install && !first.build) return { installed: false, built: false };

  const release = await acquireLock(join(root, '.setup', 'lock'), (owner) =>
    log(`Waiting for another set-up of this folder (process ${owner.pid}) ...\n`),
  );
  try {
    // Whoever held the lock may have done the work.
    let todo = inspect(root);
    if (todo.install) {
      const windows = process.platform === 'win32';
      await stage(
        log,
        'Installing dependencies (npm ci)',
        'npm',
        INSTALL,
        { cwd: root, shell: windows },
        adviseInstall,
      );
      writeJson(join(root, 'node_modules', '.gymkhana-setup.json'), { lock: todo.lockHash });
    }
    const installed = todo.install;
    todo = inspect(root);
    if (todo.build) {
      const words = [join(root, 'scripts', 'build.mjs')];
      await stage(log, 'Building', process.execPath, words, { cwd: root }, () => `The build failed: see above.`);
      const outputs = ['src/index', 'scripts/main-job'].flatMap((name) =>
        existsSync(join(root, `${name}.ts`)) ? [join('dist', `${name}.js`)] : [],
      );
      writeJson(join(root, 'dist', '.build.json'), { sources: todo.sources, outputs });
    }
    return { installed, built: todo.build };
  } finally {
    release();
  }
}

/** Runs the set-up and ends the process with a message if it fails. */
export async function setUpOrExit() {
  try {
    return await setUp();
  } catch (error) {
    process.stderr.write(error instanceof SetUpError ? `${error.message}\n` : `${error.stack}\n`);
    process.exit(process.exitCode || 1);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await setUpOrExit();
