/**
 * How long learners take for a minibatch, as it was measured: the table that `auto` chooses by. One comes with the package, of the
 * workers' learners; `gymkhana doctor --measure` leaves another in the user's cache directory, which then goes first and has the
 * machine's devices too.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeFileAtomicSync } from '../core/files.js';
import * as z from '../core/zod.js';
import { mlpNetwork } from '../network/init.js';
import type { NetworkSpec } from '../network/spec.js';
import { multiplyAdds } from '../network/validate.js';
import { BACKENDS, isOnnxDevice, type OnnxDevice, type WorkerLearner } from './backend.js';
import { MAX_SHARDS } from './shards.js';

/** Times of a device with ONNX Runtime. */
export interface DeviceSpeed {
  readonly name: OnnxDevice;
  /** As a person would name it. */
  readonly device: string;
  /** ms a minibatch, [units][minibatches]: whole updates of four, transfers included. */
  readonly times: readonly (readonly number[])[];
}

/** Times of whole minibatches on one thread, by width and minibatch. */
export interface LearnerSpeed {
  readonly version: 1;
  /** The processor's name. */
  readonly processor: string;
  /** Day of the measurement, `YYYY-MM-DD`. */
  readonly date: string;
  /** Units of both hidden layers, increasing. */
  readonly units: readonly number[];
  /** Samples, increasing. */
  readonly minibatches: readonly number[];
  /** ms a minibatch, [units][minibatches]: the gradients of all its shards. */
  readonly kernels: readonly (readonly number[])[];
  readonly onnx: readonly (readonly number[])[];
  /** Threads that the workers' learners can share a minibatch between on this machine; 1 if absent. */
  readonly threads?: number | undefined;
  /** Devices that worked, without those that a program on the processor plays. */
  readonly devices?: readonly DeviceSpeed[] | undefined;
}

/** A table, where it comes from, and what was wrong with a better one. */
export interface KnownSpeed {
  readonly speed: LearnerSpeed;
  readonly source: 'shipped' | 'measured here';
  /** Why the stored table was not used; null where there is none, or it was. */
  readonly notice: string | null;
}

/** What a run should learn with, and why. */
export interface LearnerChoice {
  readonly learner: WorkerLearner | OnnxDevice;
  /** The better of the workers' learners, for where the device does not start. */
  readonly inWorkers: WorkerLearner;
  readonly reason: string;
}

/** What takes the kernels' place has to be faster by this much: they give the same bits on every machine. */
const GAIN = 1.2;

/** The networks of the table: 16 inputs, two hidden layers, 4 choices. */
export function measuredNetwork(units: number): NetworkSpec {
  return mlpNetwork({ observationSize: 16, hidden: [units, units], distribution: { type: 'categorical', actions: 4 } });
}

const increasing = z
  .array(z.number().int().positive())
  .min(2)
  .refine((list) => list.every((value, k) => k === 0 || value > list[k - 1]!), 'expected increasing numbers');
const times = z.array(z.array(z.number().positive()));
const speedSchema: z.ZodType<LearnerSpeed> = z
  .object({
    version: z.literal(1),
    processor: z.string(),
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
    units: increasing,
    minibatches: increasing,
    kernels: times,
    onnx: times,
    threads: z.number().int().positive().optional(),
    devices: z.array(z.object({ name: z.enum(BACKENDS.filter(isOnnxDevice)), device: z.string(), times })).optional(),
  })
  .refine(
    ({ units, minibatches, kernels, onnx, devices = [] }) =>
      [kernels, onnx, ...devices.map((device) => device.times)].every(
        (table) => table.length === units.length && table.every((row) => row.length === minibatches.length),
      ),
    'expected a time for every width and minibatch',
  );

/** The file of this machine's own measurement: `$XDG_CACHE_HOME/gymkhana/learner-speed.json`, or below `~/.cache`. */
export function speedFile(): string {
  const { XDG_CACHE_HOME: cache } = process.env;
  return join(
    cache === undefined || cache === '' ? join(homedir(), '.cache') : cache,
    'gymkhana',
    'learner-speed.json',
  );
}

/** The processor's name, as tables have it. */
export function processorName(): string {
  return cpus()[0]?.model.trim() || 'unknown';
}

/** The best table there is: this machine's own, else the package's. */
export function knownSpeed(): KnownSpeed {
  const file = speedFile();
  const shipped = (notice: string | null): KnownSpeed => ({ speed: shippedSpeed(), source: 'shipped', notice });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return shipped(null);
  }
  const again = 'The times that come with gymkhana are used instead; gymkhana doctor --measure writes it anew.';
  let speed: LearnerSpeed;
  try {
    speed = speedSchema.parse(JSON.parse(text));
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause).split('\n')[0]!.replace(/^✖ /, '') : 'not JSON';
    return shipped(`${file} does not hold measured times (${problem}). ${again}`);
  }
  if (speed.processor !== processorName()) {
    return shipped(`${file} was measured on another processor (${speed.processor}). ${again}`);
  }
  return { speed, source: 'measured here', notice: null };
}

/** The table that comes with the package. */
export function shippedSpeed(): LearnerSpeed {
  return speedSchema.parse(JSON.parse(readFileSync(new URL('./shipped-speed.json', import.meta.url), 'utf8')));
}

/**
 * Keeps a table for later runs on this machine; returns the file.
 * @throws `NOT_WRITABLE` with the reason.
 */
export function storeSpeed(speed: LearnerSpeed): string {
  const file = speedFile();
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch {
    // Writing the file says why.
  }
  writeFileAtomicSync(file, `${JSON.stringify(speed)}\n`);
  return file;
}

/** Expected ms of a minibatch on one thread. */
export interface ExpectedTimes {
  readonly kernels: number;
  readonly onnx: number;
  /** On each device, whole. */
  readonly devices: readonly { readonly name: OnnxDevice; readonly device: string; readonly time: number }[];
}

/**
 * Interpolates a table between its widths and minibatches, on logarithmic scales; a network counts by its multiply-adds. Beyond
 * the table's edges times grow in proportion.
 */
export function expectedTimes(speed: LearnerSpeed, network: NetworkSpec, minibatch: number): ExpectedTimes {
  const work = speed.units.map((units) => multiplyAdds(measuredNetwork(units)));
  const x = position(work, multiplyAdds(network));
  const y = position(speed.minibatches, minibatch);
  const at = (table: LearnerSpeed['kernels']): number => {
    const corner = (i: number, j: number): number => Math.log(table[x.index + i]![y.index + j]!);
    const low = corner(0, 0) * (1 - x.fraction) + corner(1, 0) * x.fraction;
    const high = corner(0, 1) * (1 - x.fraction) + corner(1, 1) * x.fraction;
    return Math.exp(low * (1 - y.fraction) + high * y.fraction) * x.beyond * y.beyond;
  };
  const devices = (speed.devices ?? []).map(({ name, device, times: table }) => ({ name, device, time: at(table) }));
  return { kernels: at(speed.kernels), onnx: at(speed.onnx), devices };
}

/** Between which points of an axis a value lies, how far in logarithms, and by what factor it lies outside. */
function position(axis: readonly number[], value: number): { index: number; fraction: number; beyond: number } {
  const inside = Math.min(Math.max(value, axis[0]!), axis.at(-1)!);
  let index = 0;
  while (index < axis.length - 2 && axis[index + 1]! <= inside) index++;
  const fraction = Math.log(inside / axis[index]!) / Math.log(axis[index + 1]! / axis[index]!);
  return { index, fraction, beyond: value / inside };
}

/** Kernels, ONNX Runtime or a device, by the table: a function of network, minibatch and machine, never of the workers. */
export function chooseLearner({ speed, source }: KnownSpeed, network: NetworkSpec, minibatch: number): LearnerChoice {
  const { kernels, onnx, devices } = expectedTimes(speed, network, minibatch);
  const inWorkers = kernels >= GAIN * onnx ? 'onnx' : 'kernels';
  const where =
    source === 'shipped'
      ? `on another machine (${speed.processor}), ${speed.date}; gymkhana doctor --measure times this one`
      : `on this machine, ${speed.date}`;
  const close =
    inWorkers === 'kernels' && onnx < kernels ? ', too little to give up the same bits on every kind of machine' : '';
  const times =
    `for this network and minibatches of ${minibatch.toLocaleString('en')} about ${inMs(kernels)} with the kernels and ${inMs(onnx)} ` +
    `with ONNX Runtime on one thread${close}`;
  const best = [...devices].sort((a, b) => a.time - b.time)[0];
  if (best === undefined) return { learner: inWorkers, inWorkers, reason: `${times}, as measured ${where}` };
  const threads = Math.min(speed.threads ?? 1, MAX_SHARDS);
  const shared = (inWorkers === 'onnx' ? onnx : kernels) / threads;
  const learner = shared >= GAIN * best.time ? best.name : inWorkers;
  const against =
    `; shared between ${threads} threads at best ${inMs(shared)}, against ${inMs(best.time)} with ${best.name} on ${best.device}` +
    (learner === inWorkers && best.time < shared ? ', too little to give up results that repeat' : '');
  return { learner, inWorkers, reason: `${times}${against}, as measured ${where}` };
}

function inMs(time: number): string {
  return `${time < 10 ? time.toPrecision(2) : Math.round(time)} ms`;
}
