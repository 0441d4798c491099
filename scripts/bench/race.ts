/** Interleaved rounds: ours, a peer, ours, a peer ..., each contestant in its own long-lived process at its best setting. */
import type { LoadWatch } from './machine.js';
import { type Curve, medianCurve, ratioOf, rounded, summarize } from './measure.js';
import { Contestant, type Host, type Reply, wholeProcess } from './process.js';
import type { EntryResult, RowResult } from './results.js';
import { lastLine, type PeerName, type Peers } from './venv.js';

/** The contestant that every other one is compared with. */
export const OURS = 'Gymkhana';

/** One way to run a contestant. */
export interface Variant {
  /** Threads and mode, in words. */
  readonly label: string;
  readonly host: Host;
  readonly task: Readonly<Record<string, unknown>>;
}

export interface Entry {
  readonly name: string;
  /** The best one in a few uncounted rounds each is measured. */
  readonly variants: readonly Variant[];
  /** Fewer rounds than the others, for slow contestants. */
  readonly rounds?: number;
  /** Why it cannot run at all. */
  readonly missing?: string;
}

/** A row to measure. A round's value is its units a second, or the time of a unit. */
export interface Race {
  /** Uncounted rounds of each variant before the best is chosen; 2 by default. */
  readonly trials?: number;
  readonly id: string;
  readonly title: string;
  readonly unit: 'steps/s' | 'ms' | 'us';
  readonly entries: readonly Entry[];
  /** Steps of a whole run, where rounds are training runs with learning curves. */
  readonly curveUntil?: number;
}

/** What a suite may use. */
export interface Context {
  readonly quick: boolean;
  readonly rounds: number;
  /** Length of a timed round, s. */
  readonly seconds: number;
  /** Threads of the machine, at most 16: of a large machine no more are used. */
  readonly threads: number;
  readonly peers: Peers;
  /** Our own program of a contestant. */
  readonly ours: (words?: readonly string[]) => Host;
  readonly root: string;
  readonly watch: LoadWatch;
  readonly log: (text: string) => void;
}

/** Something of our own failed: the suite has failed. */
export class BenchError extends Error {}

/** Numbers of our workers worth a try: one, and one a thread. */
export function workerChoices({ threads }: Context): number[] {
  return threads === 1 ? [1] : [1, threads];
}

/** Threads of a peer worth a try: one, and all; one where time is short, which small networks like best. */
export function threadChoices({ threads, quick }: Context): number[] {
  return threads === 1 || quick ? [1] : [1, threads];
}

/** A peer's entry, with the reason where it is missing. */
export function peerEntry(
  context: Context,
  peer: PeerName | readonly PeerName[],
  name: string,
  variants: () => Variant[],
  rounds?: number,
): Entry {
  for (const each of typeof peer === 'string' ? [peer] : peer) {
    const { missing } = context.peers.status[each];
    if (missing !== undefined) return { name, variants: [], missing };
  }
  return { name, variants: variants(), ...(rounds !== undefined && { rounds }) };
}

/** Starts contestants' processes and keeps them between the rows of a suite. */
export class Track {
  readonly #context: Context;
  readonly #processes = new Map<string, Contestant>();

  constructor(context: Context) {
    this.#context = context;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((contestant) => contestant.close()));
    this.#processes.clear();
  }

  async run(race: Race): Promise<RowResult> {
    const { rounds, log } = this.#context;
    log(`  ${race.title}\n`);
    const lanes = [];
    for (const entry of race.entries) lanes.push({ entry, ...(await this.#prepare(race, entry)) });
    const values = lanes.map((): number[] => []);
    const curves = lanes.map((): Curve[] => []);
    const missing = lanes.map(({ missing }) => missing);
    for (let round = 0; round < rounds; round++) {
      for (const [k, { entry, contestant }] of lanes.entries()) {
        if (contestant === null || missing[k] !== undefined || round >= (entry.rounds ?? rounds)) continue;
        const reply = await this.#round(contestant, round);
        const value = figureOf(race, reply);
        if (typeof value === 'string') missing[k] = value;
        else values[k]!.push(value);
        if (reply.curve !== undefined) curves[k]!.push(reply.curve);
      }
    }
    const better = race.unit === 'steps/s' ? 'higher' : 'lower';
    const ours = values[race.entries.findIndex(({ name }) => name === OURS)] ?? [];
    const entries = lanes.map(({ entry, variant, setupSeconds, note }, k): EntryResult => {
      const measured = missing[k] === undefined;
      if (!measured) log(`    ${entry.name}: ${missing[k]}\n`);
      if (!measured && entry.name.startsWith(OURS) && variant !== '') {
        throw new BenchError(`${race.id}, ${entry.name}: ${missing[k]}`);
      }
      const curve = race.curveUntil === undefined ? [] : medianCurve(curves[k]!, race.curveUntil);
      return entryResult(entry.name, measured ? values[k]! : [], ours, better, {
        variant,
        ...(setupSeconds !== undefined && { setupSeconds: rounded(setupSeconds) }),
        ...(!measured && { missing: missing[k]! }),
        ...(curve.length > 0 && { curve }),
        ...(note !== undefined && { note }),
      });
    });
    for (const { name, variant, summary, ratio } of entries) {
      if (summary === null) continue;
      const beside = ratio === null ? '' : `  (Gymkhana ${ratio.median.toPrecision(3)}x)`;
      log(`    ${name.padEnd(24)} ${summary.median.toPrecision(4)} ${race.unit}  [${variant}]${beside}\n`);
    }
    return { id: race.id, title: race.title, unit: race.unit, better, entries };
  }

  /** Opens every variant, takes a few uncounted rounds of each, the best of which counts here, and keeps the best. */
  async #prepare(race: Race, entry: Entry) {
    const none = (missing: string, variant = '') => ({
      contestant: null,
      variant,
      setupSeconds: undefined,
      note: undefined,
      missing: missing as string | undefined,
    });
    if (entry.missing !== undefined) return none(entry.missing);
    let best: { contestant: Contestant; variant: Variant; reply: Reply; seconds: number } | null = null;
    let why = '';
    for (const variant of entry.variants) {
      const opened = await this.#open(entry.name, variant);
      if (typeof opened === 'string') {
        why = opened;
        continue;
      }
      const reply = await this.#round(opened.contestant, -1);
      const value = figureOf(race, reply);
      if (typeof value === 'string') {
        why = value;
        continue;
      }
      let seconds = reply.seconds! / reply.units!;
      for (let again = 1; again < (race.trials ?? 2); again++) {
        const next = await this.#round(opened.contestant, -1);
        if (typeof figureOf(race, next) !== 'string') seconds = Math.min(seconds, next.seconds! / next.units!);
      }
      if (best === null || seconds < best.seconds) best = { ...opened, variant, seconds };
    }
    if (best === null) return none(why, entry.variants[0]?.label ?? '');
    const last = entry.variants.at(-1)!;
    // One process holds one task: a variant that another has displaced is opened again.
    if (best.variant !== last && keyOf(entry.name, best.variant) === keyOf(entry.name, last)) {
      const again = await this.#open(entry.name, best.variant);
      if (typeof again === 'string') return none(again, best.variant.label);
      await this.#round(again.contestant, -1);
    }
    return {
      contestant: best.contestant,
      variant: best.variant.label,
      setupSeconds: best.reply.setupSeconds,
      note: best.reply.note,
      missing: undefined as string | undefined,
    };
  }

  async #open(name: string, variant: Variant): Promise<{ contestant: Contestant; reply: Reply } | string> {
    const key = keyOf(name, variant);
    let contestant = this.#processes.get(key);
    if (contestant === undefined) {
      const started = await Contestant.start(variant.host);
      if (started.ready.error !== undefined) return lastLine(started.ready.error);
      contestant = started.contestant;
      this.#processes.set(key, contestant);
    }
    const reply = await contestant.call({ call: 'open', task: variant.task });
    const why = reply.unsupported ?? (reply.error && lastLine(reply.error));
    if (reply.error !== undefined) {
      await contestant.close();
      this.#processes.delete(key);
    }
    return why === undefined ? { contestant, reply } : why;
  }

  async #round(contestant: Contestant, round: number): Promise<Reply> {
    const { watch, seconds } = this.#context;
    watch.begin();
    const reply = await contestant.call({ call: 'round', seconds: round < 0 ? seconds / 2 : seconds, seed: round + 2 });
    watch.end();
    return reply;
  }
}

function keyOf(name: string, { host }: Variant): string {
  return JSON.stringify([name, host]);
}

/** The row's value of a round, or why there is none. The sink holds something of every step: nothing was left out. */
function figureOf({ unit }: Race, { units, seconds, sink, error, unsupported }: Reply): number | string {
  if (error !== undefined || unsupported !== undefined) return lastLine((error ?? unsupported)!);
  if (units === undefined || seconds === undefined || units <= 0 || seconds <= 0) return 'a round without figures';
  if (sink === undefined || !Number.isFinite(sink)) return `its results are not finite (${sink})`;
  return rounded(unit === 'steps/s' ? units / seconds : ((unit === 'ms' ? 1e3 : 1e6) * seconds) / units);
}

/** An entry's figures beside ours. */
export function entryResult(
  name: string,
  values: readonly number[],
  ours: readonly number[],
  better: 'higher' | 'lower',
  more: Omit<EntryResult, 'name' | 'values' | 'summary' | 'ratio'>,
): EntryResult {
  const shortened = (summary: { median: number; low: number; high: number } | null) =>
    summary && { median: rounded(summary.median), low: rounded(summary.low), high: rounded(summary.high) };
  return {
    name,
    ...more,
    values,
    summary: values.length === 0 ? null : shortened(summarize(values)),
    ratio: name === OURS ? null : shortened(ratioOf(ours, values, better)),
  };
}

/** Rounds of whole processes, each from start to exit, in turns. */
export async function wholeRounds(
  context: Context,
  entries: readonly { readonly name: string; readonly host: (round: number) => Host | Promise<Host> }[],
  rounds: number,
  warmUp: boolean,
): Promise<{ wallSeconds: number; reply: Awaited<ReturnType<typeof wholeProcess>>['reply'] }[][]> {
  const results = entries.map((): Awaited<ReturnType<typeof wholeProcess>>[] => []);
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const [k, { name, host }] of entries.entries()) {
      const made = await host(round);
      context.watch.begin();
      const result = await wholeProcess(made);
      context.watch.end();
      if (result.reply.error !== undefined) context.log(`    ${name}: ${result.reply.error}\n`);
      if (round >= 0) results[k]!.push(result);
    }
  }
  return results;
}
