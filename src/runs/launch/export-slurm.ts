/** A launch as a Slurm job array: one array task a run. */
import { usageError } from '../../core/errors.js';
import { allowFlags, type LaunchPlan } from './plan.js';

/** Where and how the array runs. */
export interface SlurmOptions {
  /** Absolute folder of the launch, on a file system that all nodes see; `launch.json` is in it. */
  readonly runDir: string;
  /** Runs at a time; 0 for as many as the cluster gives. */
  readonly parallel?: number;
  /** Cores, and worker threads, of each run. */
  readonly workers?: number;
}

/** A word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The text of an array script for `sbatch`. A task that is preempted or runs out of time gets SIGTERM a minute before, stops with a checkpoint, and
 * goes on from there when it is submitted again.
 * @throws `LAUNCH_INVALID` for a path that no `#SBATCH` line can hold.
 */
export function slurmScript({ name, runs, cwd }: LaunchPlan, options: SlurmOptions): string {
  const { runDir, parallel = 0, workers = 1 } = options;
  // Slurm reads these lines itself, before any shell: quotes and line ends cannot be escaped there.
  if (/["\n\r]/.test(runDir)) {
    throw usageError(
      'LAUNCH_INVALID',
      `the run directory ${JSON.stringify(runDir)} has a character that a Slurm script cannot hold. Choose another --run-dir.`,
      {
        field: 'runDir',
        got: runDir,
      },
    );
  }
  const atATime = parallel > 0 ? `%${parallel}` : '';
  return `#!/bin/bash
#SBATCH --job-name=${name}
#SBATCH --array=0-${runs.length - 1}${atATime}
#SBATCH --cpus-per-task=${workers}
#SBATCH --output="${runDir}/logs/slurm-%A_%a.out"
#SBATCH --signal=TERM@60
#SBATCH --requeue

# ${runs.length} runs; what is finished is not done again, so this may be submitted as often as it takes.
# GYMKHANA may name another command than the one on the path.
set -euo pipefail
cd ${shellWord(cwd)}
exec \${GYMKHANA:-gymkhana} launch --resume ${shellWord(runDir)} ${allowFlags(runs)
    .map((word) => `${shellWord(word)} `)
    .join('')}--only "$SLURM_ARRAY_TASK_ID" --parallel 1 --workers "\${SLURM_CPUS_PER_TASK:-${workers}}" --quiet
`;
}
