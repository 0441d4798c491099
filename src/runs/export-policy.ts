/** A run's policy in formats of other programs: ONNX, TensorFlow.js and safetensors. */
import { mkdirSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { frozenStatistics } from '../../agents/common/policy.js';
import { policyModel } from '../backends/onnx/policy-model.js';
import { encodeGraphModel, WEIGHTS_FILE } from '../backends/tfjs/graph-model.js';
import { usageError } from '../core/errors.js';
import { notWritable, writeFileAtomicSync } from '../core/files.js';
import { didYouMean } from '../core/kwargs.js';
import { parameterLayout } from '../network/layout.js';
import { openPolicy } from './policies.js';
import { RunDirectory } from './run-directory.js';
import { encodeSafetensors, type Tensor } from './safetensors.js';
import { runEngine } from './session.js';

/** Formats of exported policies. */
export const POLICY_FORMATS = ['onnx', 'tfjs', 'safetensors'] as const;
/** One of `POLICY_FORMATS`. */
export type PolicyFormat = (typeof POLICY_FORMATS)[number];

/** Which policy to export, how, and where to. */
export interface ExportPolicyOptions {
  /** Default: by the ending of `out`, else `onnx`. */
  readonly format?: PolicyFormat;
  /** A file, or for `tfjs` a folder; by default `<run>/policy.onnx`, `<run>/policy.safetensors` or `<run>/policy-tfjs`. */
  readonly out?: string;
  /** `last`, `best` or a number of steps; default `last`. */
  readonly checkpoint?: string;
}

/** What was written. */
export interface ExportedPolicy {
  readonly format: PolicyFormat;
  /** The file, or the folder of `tfjs`. */
  readonly path: string;
  /** Environment steps after which the policy was saved. */
  readonly steps: number;
  readonly bytes: number;
}

/**
 * Writes a run's policy, normalisation of observations included. `onnx` and `tfjs` are whole models from flat observations [n, O] to the
 * greedy action, logits or mean, and value, and from memory to memory where there is one; `safetensors` has the tensors alone.
 * @throws what loading a policy throws; `INVALID_OPTION`, `NOT_WRITABLE`.
 */
export async function exportPolicy(runDir: string, options: ExportPolicyOptions = {}): Promise<ExportedPolicy> {
  const format = formatOf(options);
  const run = RunDirectory.open(runDir);
  const { policy: loaded, steps } = await openPolicy(run, options);
  const { policy, spec, seed } = loaded;
  const { network, parameters, normalization } = policy.weights;
  const path = resolve(options.out ?? join(run.path, format === 'tfjs' ? 'policy-tfjs' : `policy.${format}`));
  const metadata = {
    format: 'gymkhana-policy',
    env: JSON.stringify(spec),
    observationSpace: JSON.stringify(policy.observationSpace.toJSON()),
    actionSpace: JSON.stringify(policy.actionSpace.toJSON()),
    seed: String(seed),
    steps: String(steps),
    engine: JSON.stringify(runEngine()),
  };
  const files = new Map<string, string | Uint8Array>();
  const frozen = normalization && {
    ...frozenStatistics(normalization, network.observationSize),
    clip: normalization.clip,
  };
  if (format === 'safetensors') {
    const tensors = new Map<string, Tensor>(
      parameterLayout(network).slices.map(({ name, shape, offset, size }) => [
        name,
        { shape, data: parameters.slice(offset, offset + size) },
      ]),
    );
    if (frozen !== null) {
      tensors.set('observation.mean', { shape: [network.observationSize], data: frozen.mean });
      tensors.set('observation.invStd', { shape: [network.observationSize], data: frozen.invStd });
    }
    const more = { network: JSON.stringify(network), ...(frozen && { observationClip: String(frozen.clip) }) };
    files.set(path, encodeSafetensors(tensors, new Map(Object.entries({ ...metadata, ...more }))));
  } else {
    const graph = policyModel({ network, parameters, normalization: frozen, actionSpace: policy.actionSpace });
    if (format === 'onnx') files.set(path, graph.encode('policy', metadata));
    else {
      const { json, weights } = encodeGraphModel(graph, metadata);
      // The text last: a model that has it is whole.
      files.set(join(path, WEIGHTS_FILE), weights);
      files.set(join(path, 'model.json'), json);
    }
  }
  let bytes = 0;
  for (const [file, data] of files) {
    try {
      mkdirSync(dirname(file), { recursive: true });
    } catch (cause) {
      throw notWritable(dirname(file), cause);
    }
    writeFileAtomicSync(file, data);
    bytes += Buffer.byteLength(data);
  }
  return { format, path, steps, bytes };
}

function formatOf({ format, out }: ExportPolicyOptions): PolicyFormat {
  const ending = out === undefined ? '' : extname(out).slice(1).toLowerCase();
  const wanted: string = format ?? (ending === '' ? (out === undefined ? 'onnx' : '') : ending);
  const known = POLICY_FORMATS.find((name) => name === wanted);
  if (known !== undefined) return known;
  const expected = POLICY_FORMATS.join(', ');
  const what = format === undefined ? `the ending of '${out}' says no format` : `there is no format '${wanted}'`;
  throw usageError(
    'INVALID_OPTION',
    `${what}: choose one of ${expected}. ${didYouMean(wanted, POLICY_FORMATS)}`.trimEnd(),
    {
      field: 'format',
      expected,
      got: wanted,
    },
  );
}
