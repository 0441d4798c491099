/** Exported launches are run here as a cluster would run them: by the shell, with the variables that it sets. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { kubernetesManifest, parseLaunch, planLaunch, slurmScript } from '../../../src/index.js';
import { writePlan } from '../../../src/runs/launch/launch.js';
import { throwsError } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const CONFIG = { numEnvs: 8, numSteps: 16, hidden: [8], minibatchSize: 64 };
const cwd = temporaryFolder();
const plan = await planLaunch(
  parseLaunch({ name: 'It.s', env: 'CartPole-v1', seeds: 2, totalSteps: 1024, config: CONFIG }),
  { cwd, name: 'x' },
);

/** A folder with the command `gymkhana`, for the PATH. */
function commandFolder(): string {
  const folder = temporaryFolder();
  const path = join(folder, 'gymkhana');
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(path, 0o755);
  return folder;
}
const PATH = `${commandFolder()}${delimiter}${process.env['PATH']}`;
const sh = process.platform === 'win32' ? test.skip : test;

sh('a Slurm array does every run once, however often it is submitted, in a folder with a quote and a space', () => {
  const runDir = join(cwd, "some runs' place");
  writePlan(runDir, plan);
  const script = join(cwd, 'array.sh');
  writeFileSync(script, slurmScript(plan, { runDir, parallel: 3, workers: 2 }));
  const text = readFileSync(script, 'utf8');
  assert.match(text, /^#!\/bin\/bash\n#SBATCH --job-name=It\.s\n#SBATCH --array=0-1%3\n#SBATCH --cpus-per-task=2\n/);
  const task = (index: number): void => {
    const { status, stderr } = spawnSync('bash', [script], {
      env: { PATH, SLURM_ARRAY_TASK_ID: String(index), SLURM_CPUS_PER_TASK: '1' },
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr);
  };
  for (const index of [1, 0, 1]) task(index);
  for (const { name } of plan.runs) {
    assert.is(JSON.parse(readFileSync(join(runDir, name, 'summary.json'), 'utf8')).status, 'finished');
    assert.not(existsSync(join(runDir, name, 'previous-1')));
  }
});

test('a path that Slurm would misread is refused', () => {
  throwsError(() => slurmScript(plan, { runDir: '/a"b' }), { code: 'LAUNCH_INVALID', says: ['--run-dir'] });
  throwsError(() => slurmScript(plan, { runDir: '/a\n#SBATCH --uid=0' }), { code: 'LAUNCH_INVALID' });
});

sh('a Kubernetes indexed Job does its run when its container is given its index', () => {
  const text = kubernetesManifest(plan, { image: 'registry.example/gym:1', claim: 'runs', parallel: 5, workers: 1 });
  const [configMap, job] = parseAllDocuments(text).map((document) => document.toJS());
  assert.is(configMap.kind, 'ConfigMap');
  assert.is(job.apiVersion, 'batch/v1');
  assert.match(job.metadata.name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  const { completionMode, completions, parallelism, backoffLimitPerIndex, template } = job.spec;
  assert.equal([completionMode, completions, parallelism, backoffLimitPerIndex], ['Indexed', 2, 2, 2]);
  const [container] = template.spec.containers;
  assert.is(container.image, 'registry.example/gym:1');
  assert.equal(template.spec.volumes[1].persistentVolumeClaim, { claimName: 'runs' });
  assert.is(template.spec.volumes[0].configMap.name, configMap.metadata.name);

  // What the kubelet would do: mount the config map, set the variables, run the command in the image's working directory.
  const root = temporaryFolder();
  mkdirSync(join(root, 'launch'));
  writeFileSync(join(root, 'launch', 'launch.json'), configMap.data['launch.json']);
  const [shell, flag, script] = container.command as [string, string, string];
  const env: Record<string, string> = { PATH, JOB_COMPLETION_INDEX: '1' };
  for (const { name, value } of container.env) env[name] = value;
  env['RUN_DIR'] = join(root, env['RUN_DIR']!);
  const { status, stderr } = spawnSync(
    shell,
    [flag, script.replace('/launch/launch.json', join(root, 'launch', 'launch.json'))],
    { cwd: root, env, encoding: 'utf8' },
  );
  assert.is(status, 0, stderr);
  const done = readdirSync(env['RUN_DIR']).filter((name) => name.startsWith('CartPole'));
  assert.equal(done, [plan.runs[1]!.name]);
});

test.run();
