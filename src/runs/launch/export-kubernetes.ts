/** A launch as a Kubernetes indexed Job: one completion index a run. */
import { createRequire } from 'node:module';
import { usageError } from '../../core/errors.js';
import { plainJson } from '../../core/json.js';
import { shellWord } from './export-slurm.js';
import { allowFlags, type LaunchPlan } from './plan.js';

/** Where and how the Job runs. */
export interface KubernetesOptions {
  /** Image with Node, gymkhana on its path, and, in its working directory, the files of envs of one's own. */
  readonly image: string;
  /** Persistent volume claim that holds the runs; its access mode must let all pods write. */
  readonly claim: string;
  /** Pods at a time. */
  readonly parallel?: number;
  /** Cores, and worker threads, of each run. */
  readonly workers?: number;
  /** Times that a pod may fail before its index counts as failed. */
  readonly retries?: number;
}

const MOUNT = '/runs';
/** A pod that is evicted has so long for its checkpoint, s. */
const GRACE = 60;

/** A name as Kubernetes takes it: lower case, digits and dashes, at most 50 characters, so that suffixes fit. */
function resourceName(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return `gymkhana-${safe || 'launch'}`;
}

/** The manifest: a ConfigMap with the launch, and an indexed Job whose pods do one run each. @throws `LAUNCH_INVALID` */
export function kubernetesManifest(plan: LaunchPlan, options: KubernetesOptions): string {
  for (const name of ['image', 'claim'] as const) {
    const got = options[name];
    if (typeof got === 'string' && /^[^\s]+$/.test(got)) continue;
    throw usageError('LAUNCH_INVALID', `${name} must be a name without spaces, got ${JSON.stringify(got)}.`, {
      field: name,
    });
  }
  const { image, claim, workers = 1, parallel = plan.runs.length, retries = plan.file.retries } = options;
  const name = resourceName(plan.name);
  const labels = { 'app.kubernetes.io/name': 'gymkhana', 'app.kubernetes.io/instance': name };
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels },
    data: { 'launch.json': `${JSON.stringify(plainJson(plan.file), null, 1)}\n` },
  };
  // Flags of launch are literal words; only the index comes from the environment. The copy makes envs' files relative to the working directory.
  const allow = allowFlags(plan.runs)
    .map((word) => `${shellWord(word)} `)
    .join('');
  const script = `cp /launch/launch.json ./launch.json && exec gymkhana launch launch.json ${allow}--resume --only "$JOB_COMPLETION_INDEX" --run-dir "$RUN_DIR" --parallel 1 --workers "$WORKERS" --quiet`;
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels },
    spec: {
      completionMode: 'Indexed',
      completions: plan.runs.length,
      parallelism: Math.min(parallel, plan.runs.length),
      backoffLimitPerIndex: retries,
      // One run that cannot be done does not end the others.
      maxFailedIndexes: plan.runs.length,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: GRACE,
          containers: [
            {
              name: 'run',
              image,
              command: ['sh', '-c', script],
              env: [
                { name: 'RUN_DIR', value: `${MOUNT}/${plan.name}` },
                { name: 'WORKERS', value: String(workers) },
              ],
              resources: { requests: { cpu: String(workers), memory: '1Gi' }, limits: { cpu: String(workers) } },
              volumeMounts: [
                { name: 'launch', mountPath: '/launch', readOnly: true },
                { name: 'runs', mountPath: MOUNT },
              ],
            },
          ],
          volumes: [
            { name: 'launch', configMap: { name } },
            { name: 'runs', persistentVolumeClaim: { claimName: claim } },
          ],
        },
      },
    },
  };
  const { stringify } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return [configMap, job].map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}
