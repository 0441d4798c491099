/** Launches over a real Redis, with workers as processes that are stopped, killed and suspended. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cancelQueued,
  type LaunchInput,
  type LaunchPlan,
  type LaunchResult,
  launch,
  launchQueued,
  listQueue,
  parseLaunch,
  planLaunch,
  serveQueue,
} from '../../../src/index.js';
import { shownUrl } from '../../../src/runs/launch/queue/connection.js';
import { type RunningCommand, start } from '../../support/command.js';
import { rejectsWith } from '../../support/misuse.js';
import { findRedis, freePort, startRedis } from '../../support/redis.js';
import { skipped } from '../../support/skip.js';
import { temporaryFolder } from '../../support/temporary.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const server = findRedis();
const redis = server === null ? null : await startRedis(server);
const url = redis?.url ?? '';
/** Without a server there is nothing that these could be tried on. */
const queued = (name: string, body: () => Promise<void>): void => {
  if (redis !== null) {
    test(name, body);
    return;
  }
  skipped(name, 'no redis-server found');
  test.skip(name, body);
};
const SMALL = { numEnvs: 8, numSteps: 16, hidden: [8], minibatchSize: 64 };
const plan = (input: Partial<LaunchInput>, cwd: string): Promise<LaunchPlan> =>
  planLaunch(parseLaunch({ env: 'CartPole-v1', totalSteps: 1024, config: SMALL, ...input }), { cwd, name: 'test' });
const bytes = (runDir: string): string[] =>
  ['metrics.jsonl', 'summary.json', 'checkpoints/last.safetensors'].map((file) =>
    readFileSync(join(runDir, file), 'base64'),
  );
const events = (runDir: string): number => readdirSync(runDir).filter((name) => name.startsWith('events.')).length;
const sameRuns = (a: LaunchResult, b: LaunchResult): void => {
  for (const [k, run] of a.runs.entries()) assert.equal(bytes(run.runDir), bytes(b.runs[k]!.runDir), run.run.name);
};
const statuses = ({ runs }: LaunchResult): string[] => runs.map(({ status }) => status);

const started: RunningCommand[] = [];
function worker(cwd: string, ...flags: string[]): RunningCommand {
  const running = start(
    process.execPath,
    [main, 'worker', '--queue', url, '--heartbeat', '2', '--parallel', '1', ...flags],
    { cwd },
  );
  started.push(running);
  return running;
}
async function endWorkers(): Promise<void> {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
}
test.after.each(async () => {
  await endWorkers();
  if (redis === null) return;
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
});
test.after(() => redis?.stop());

queued('two workers do a launch; everything comes back with the bytes of a launch on one machine', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ seeds: 5, evalEvery: 4, recordEpisodes: 'best,every:9' }, cwd);
  const here = await launch(planned, { runDir: 'here' });
  worker(cwd, '--run-dir', 'a');
  worker(cwd, '--run-dir', 'b');
  const seen = new Set<string>();
  const there = await launchQueued(planned, {
    queue: url,
    runDir: 'there',
    onChange: (runs) => {
      for (const { status } of runs) seen.add(status);
    },
  });
  assert.equal(statuses(there), Array(5).fill('finished'));
  assert.ok(seen.has('running') && seen.has('waiting'));
  sameRuns(here, there);
  assert.equal(
    there.runs.map(({ meanReturn }) => meanReturn),
    here.runs.map(({ meanReturn }) => meanReturn),
  );
  for (const { runDir } of there.runs) assert.ok(existsSync(join(runDir, 'checkpoints', 'best.safetensors')));
  // Workers keep logs only.
  for (const folder of ['a', 'b'])
    assert.equal(
      readdirSync(join(cwd, folder)).filter((name) => !name.endsWith('.log')),
      [],
    );
  // What is here is not done again, though nobody serves the queue.
  await endWorkers();
  const again = await launchQueued(planned, { queue: url, runDir: 'there' });
  assert.equal(
    again.runs.map(({ attempts }) => attempts),
    Array(5).fill(0),
  );
});

queued(
  'a worker that is killed with SIGKILL loses nothing: another goes on from its checkpoint, to the same bytes',
  async () => {
    const cwd = temporaryFolder();
    // Long enough that a checkpoint, one a second, has come back when the worker is killed.
    const planned = await plan({ seeds: 2, totalSteps: 400_000 }, cwd);
    const here = await launch(planned, { runDir: 'here' });
    const first = worker(cwd, '--run-dir', 'first');
    let killed = false;
    const there = await launchQueued(planned, {
      queue: url,
      runDir: 'there',
      onChange: (runs) => {
        if (killed || !runs.some(({ status, steps }) => status === 'running' && steps > 200_000)) return;
        killed = true;
        first.child.kill('SIGKILL');
        worker(cwd, '--run-dir', 'second');
      },
    });
    assert.ok(killed, 'the runs were too short to kill a worker in one');
    assert.equal(statuses(there), ['finished', 'finished']);
    sameRuns(here, there);
    // Two sittings: the second one did not begin anew.
    assert.is(Math.max(...there.runs.map(({ runDir }) => events(runDir))), 2);
  },
);

queued('a worker that is stopped gives its run back with a checkpoint', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ totalSteps: 250_000 }, cwd);
  const here = await launch(planned, { runDir: 'here' });
  const first = worker(cwd, '--run-dir', 'first');
  let stopped = false;
  const there = await launchQueued(planned, {
    queue: url,
    runDir: 'there',
    onChange: ([run]) => {
      if (stopped || run!.steps < 10_000) return;
      stopped = true;
      first.child.kill('SIGTERM');
      void first.ended.then(() => worker(cwd, '--run-dir', 'second'));
    },
  });
  const ended = await first.ended;
  assert.is(ended.status, 143);
  assert.match(ended.stdout, /0 finished, 1 given back, 0 failed/);
  sameRuns(here, there);
  assert.is(events(there.runs[0]!.runDir), 2);
});

queued('a worker that was cut off and comes back cannot write over the one that took its run', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ totalSteps: 250_000 }, cwd);
  const here = await launch(planned, { runDir: 'here' });
  const first = worker(cwd, '--run-dir', 'first');
  let cut = false;
  const there = await launchQueued(planned, {
    queue: url,
    runDir: 'there',
    onChange: ([run]) => {
      if (!cut && run!.steps > 20_000) {
        cut = true;
        first.child.kill('SIGSTOP');
        const second = worker(cwd, '--run-dir', 'second');
        void second.saying('started').then(() => first.child.kill('SIGCONT'));
      }
    },
  });
  assert.ok(cut);
  assert.equal(statuses(there), ['finished']);
  sameRuns(here, there);
  await first.saying('QUEUE_LOST_RUN');
});

queued('a launch whose process is killed is followed again', async () => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'l.json'),
    JSON.stringify({ env: 'CartPole-v1', seeds: 3, totalSteps: 20_000, config: SMALL }),
  );
  const flags = ['launch', 'l.json', '--run-dir', 'there', '--queue', url];
  const first = start(process.execPath, [main, ...flags], { cwd });
  worker(cwd);
  await first.saying('[1/3]');
  first.child.kill('SIGKILL');
  const second = await start(process.execPath, [main, ...flags, '--json'], { cwd }).ended;
  assert.is(second.status, 0, second.stderr);
  const { finished, runs } = JSON.parse(second.stdout) as LaunchResult;
  assert.is(finished, 3);
  assert.ok(
    runs.some(({ attempts }) => attempts === 0),
    'the first one was done again',
  );
});

queued('smaller priorities go first', async () => {
  const cwd = temporaryFolder();
  const order: number[] = [];
  const follow = [30, 10, 20].map(async (priority) => {
    const planned = await plan({ seeds: [priority], priority }, cwd);
    await launchQueued(planned, { queue: url, runDir: `p${priority}` });
  });
  while ((await listQueue(url)).length < 3) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await listQueue(url)).map(({ priority }) => priority).sort(), [10, 20, 30]);
  const done = await serveQueue({
    queue: url,
    runDir: join(cwd, 'w'),
    parallel: 1,
    untilEmpty: true,
    onStart: ({ seed }) => order.push(seed),
  });
  await Promise.all(follow);
  assert.equal(order, [10, 20, 30]);
  assert.equal(done, { finished: 3, returned: 0, failed: 0 });
});

queued('runs are cancelled: one that waits leaves the queue, one in progress stops with a checkpoint', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ seeds: 2, totalSteps: 3_000_000 }, cwd);
  worker(cwd);
  const following = launchQueued(planned, {
    queue: url,
    runDir: 'there',
  });
  const running = async (): Promise<boolean> =>
    (await listQueue(url)).some(({ state, steps }) => state === 'running' && steps > 5000);
  while (!(await running())) await new Promise((resolve) => setTimeout(resolve, 100));
  const entries = await listQueue(url);
  assert.match(entries.find(({ state }) => state === 'running')!.worker ?? '', /-\d+$/);
  await rejectsWith(() => cancelQueued(url, ['nobody']), {
    code: 'QUEUE_RUN_NOT_FOUND',
    kind: 'usage',
    says: ['nobody', 'queue list'],
  });
  const [first, second] = planned.runs;
  assert.equal(await cancelQueued(url, [second!.name, first!.hash.slice(0, 8)]), [second!.name, first!.name]);
  const result = await following;
  assert.equal(statuses(result), ['cancelled', 'cancelled']);
  assert.ok(existsSync(join(result.runs[0]!.runDir, 'checkpoints', 'last.safetensors')));
  assert.is(JSON.parse(readFileSync(join(result.runs[0]!.runDir, 'summary.json'), 'utf8')).status, 'stopped');
  assert.is(result.unfinished, 2);
});

const ENV = `import { Box, Discrete, Env } from 'gymkhana';
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('./loaded', import.meta.url), '');
export class Mine extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  reset(options = {}) { super.reset(options); return { observation: new Float32Array(1), info: {} }; }
  step() { return { observation: new Float32Array(1), reward: 1, terminated: this.rng.random() < 0.2, truncated: false, info: {} }; }
}
`;

queued("a worker loads no code that it was not told to; with --allow-env it runs a user's env", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  for (const folder of [here, there]) writeFileSync(join(folder, 'mine.ts'), ENV);
  const planned = await plan({ env: './mine.ts:Mine', retries: 3 }, here);
  worker(there, '--until-empty');
  const refused = await launchQueued(planned, { queue: url, runDir: 'a' });
  assert.equal(
    refused.runs.map(({ failure }) => failure?.code),
    ['ENV_NOT_ALLOWED'],
  );
  assert.match(refused.runs[0]!.failure!.message, /--allow-env '\.\/mine\.ts:Mine'/);
  assert.not(existsSync(join(there, 'loaded')));
  worker(there, '--allow-env', './mine.ts:Mine');
  assert.equal(statuses(await launchQueued(planned, { queue: url, runDir: 'a' })), ['finished']);
  await endWorkers();
  writeFileSync(join(there, 'mine.ts'), ENV.replace('0.2', '0.3'));
  worker(there, '--allow-env', './mine.ts:Mine');
  const changed = await launchQueued(planned, { queue: url, runDir: 'b' });
  assert.equal(
    changed.runs.map(({ failure }) => failure?.code),
    ['MODULE_CHANGED'],
  );
});

queued('what a stranger puts into the queue reaches no file and no code', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({}, cwd);
  const run = planned.runs[0]!;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  const { queueName } = await import('../../../src/runs/launch/queue/connection.js');
  const queue = new Queue(queueName(), { connection: client });
  const data = { run, retries: 0 };
  const hostile: unknown[] = [
    { ...data, run: { ...run, name: '../../outside' } },
    { ...data, run: { ...run, hash: '../x' } },
    { ...data, run: { ...run, totalSteps: -1 } },
    { ...data, run: { ...run, env: 'node:child_process:exec' } },
    { ...data, run: { ...run, env: '/etc/passwd:x', moduleHash: null } },
    { ...data, extra: 1 },
    'text',
    null,
    { run: JSON.parse('{"__proto__": {"name": "x"}}') },
  ];
  for (const [k, each] of hostile.entries()) await queue.add('run', each, { jobId: `hostile-${k}` });
  const notices: string[] = [];
  const done = await serveQueue({
    queue: url,
    runDir: join(cwd, 'w'),
    untilEmpty: true,
    onNotice: (text) => notices.push(text),
  });
  assert.is(done.finished, 0, notices.join('\n'));
  assert.is(await queue.getFailedCount(), hostile.length);
  assert.equal(readdirSync(cwd), ['w']);
  assert.equal(
    readdirSync(join(cwd, 'w')).filter((name) => !name.endsWith('.log')),
    [],
  );

  for (const name of [
    '../../escaped',
    '/abs',
    'checkpoints/../../x',
    'checkpoints/..',
    'metrics.jsonl/../../x',
    'launch.json',
    '.lock/1.json',
  ]) {
    await client.flushall();
    await client.hset(`${queueName()}:run:${run.hash}:files`, name, 'payload');
    await queue.add('run', data, { jobId: `run-${run.hash}` });
    await serveQueue({ queue: url, runDir: join(cwd, 'w'), untilEmpty: true });
    const job = await queue.getJob(`run-${run.hash}`);
    assert.match(job?.failedReason ?? '', /QUEUE_CORRUPT/, name);
    assert.equal(readdirSync(cwd), ['w'], name);
  }
  await queue.close();
  client.disconnect();
});

queued('a Redis that goes away and comes back is waited for, by the launch and by the worker', async () => {
  const cwd = temporaryFolder();
  const planned = await plan({ totalSteps: 250_000 }, cwd);
  const here = await launch(planned, { runDir: 'here' });
  const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', temporaryFolder()];
  let own = await startRedis(server!, kept);
  const running = start(process.execPath, [main, 'worker', '--queue', own.url, '--heartbeat', '2', '--run-dir', 'w'], {
    cwd,
  });
  started.push(running);
  let away: Promise<void> | null = null;
  const there = await launchQueued(planned, {
    queue: own.url,
    runDir: 'there',
    onChange: ([run]) => {
      if (run!.steps < 10_000) return;
      away ??= (async () => {
        await own.stop();
        await new Promise((resolve) => setTimeout(resolve, 4000));
        own = await startRedis(server!, [...kept, '--port', new URL(own.url).port]);
      })();
    },
  });
  assert.ok(away !== null, 'the run was too short');
  await away;
  assert.equal(statuses(there), ['finished']);
  sameRuns(here, there);
  await endWorkers();
  await own.stop();
});

test('addresses that are none, and servers that do not answer, are clear errors; passwords are not shown', async () => {
  for (const bad of ['', 'localhost:6379', 'http://localhost', 'redis://', 'redis:///', 'redis:// x']) {
    await rejectsWith(() => listQueue(bad), { code: 'QUEUE_URL', kind: 'usage', says: ['redis://localhost:6379'] });
  }
  const port = await freePort();
  await rejectsWith(() => listQueue(`redis://user:hunter2@127.0.0.1:${port}`), {
    code: 'QUEUE_UNREACHABLE',
    says: [/^(?!.*hunter2).*127\.0\.0\.1/],
  });
  assert.is(shownUrl('redis://u:hunter2@h:1/2'), 'redis://u:***@h:1/2');
  await rejectsWith(() => serveQueue({ queue: 'redis://h', runDir: 'x', heartbeat: 0 }), {
    code: 'INVALID_OPTION',
    says: ['heartbeat'],
  });
});

test.run();
