/** `/api/live`: policies that act while they are watched, each in a process of its own, so that no env can stop the dashboard. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { type EnvSpec, moduleUrlsOf } from '../core/spec.js';
import { isNamed } from '../registration/index.js';
import type { LiveEventOf } from './api.js';
import type { LiveJob, LiveMessage } from './live-protocol.js';
import type { RunIndex } from './run-index.js';

/** Agents at a time: each takes a processor as long as its env is slower than real time. */
const MOST_AGENTS = 3;
const HEARTBEAT_MS = 10_000;
/** Heap of a process, MiB: an env of a run is not ours. */
const HEAP = 1024;
/** A page that takes nothing for so many events is gone. */
const MOST_WAITING = 200;

/** All connections of `/api/live`. */
export class LiveAgents {
  readonly #index: RunIndex;
  readonly #agents = new Set<LiveAgent>();

  constructor(index: RunIndex) {
    this.#index = index;
  }

  /** Answers a request until its client goes; what is wrong is an event, since pages cannot read another answer. */
  open(context: Context, id: string, checkpoint: string): Response {
    return streamSSE(context, async (stream) => {
      const run = this.#index.run(id);
      if (run === undefined) {
        return await refuse(stream, 'NO_SUCH_RUN', `There is no run ${JSON.stringify(id)} that has begun.`);
      }
      if (this.#agents.size >= MOST_AGENTS) {
        const message = `${MOST_AGENTS} agents act already; stop one, or close its page.`;
        return await refuse(stream, 'TOO_MANY_AGENTS', message);
      }
      const agent = new LiveAgent({ runDir: run.path, checkpoint, named: namedModules(run.config?.env ?? null) });
      this.#agents.add(agent);
      stream.onAbort(() => agent.end());
      try {
        await agent.serve(stream);
      } finally {
        agent.end();
        this.#agents.delete(agent);
      }
    });
  }

  /** Ends all agents. */
  close(): void {
    for (const agent of this.#agents) agent.end();
  }
}

/** Those of the modules of a spec that the user has named. */
function namedModules(spec: EnvSpec | null): string[] {
  return spec === null ? [] : moduleUrlsOf(spec).filter(isNamed);
}

async function refuse(stream: SSEStreamingApi, code: string, message: string): Promise<void> {
  const data: LiveEventOf['problem'] = { code, message };
  await stream.writeSSE({ event: 'problem', data: JSON.stringify(data) });
}

class LiveAgent {
  readonly #child: ChildProcess;
  readonly #waiting: LiveMessage[] = [];
  #over = false;
  #wake: () => void = () => {};
  #beats = false;

  constructor(job: LiveJob) {
    this.#child = fork(fileURLToPath(new URL('./live-child.js', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${HEAP}`],
    });
    this.#child.on('message', (message: LiveMessage) => this.#add(message));
    this.#child.on('error', (error) => this.#fail(`could not be started: ${error.message}`));
    this.#child.on('close', (status, signal) => this.#fail(`ended (${signal ?? `status ${status}`})`));
    this.#child.send(job, () => {
      // A process that ended before it could be told: `close` says so.
    });
  }

  /** Ends the process. */
  end(): void {
    this.#over = true;
    this.#child.kill('SIGKILL');
    this.#wake();
  }

  async serve(stream: SSEStreamingApi): Promise<void> {
    const beat = setInterval(() => {
      this.#beats = true;
      this.#wake();
    }, HEARTBEAT_MS);
    try {
      while (!this.#over) {
        const next = this.#waiting.shift();
        if (next !== undefined) {
          await stream.writeSSE({ event: next.event, data: next.json });
          if (next.event === 'problem') return;
        } else if (this.#beats) {
          this.#beats = false;
          await stream.write(': still here\n\n');
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      clearInterval(beat);
    }
  }

  /** A frame that was not sent yet gives way to the next one. */
  #add(message: LiveMessage): void {
    if (message.event === 'frame' && this.#waiting.at(-1)?.event === 'frame') this.#waiting.pop();
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING) this.end();
    this.#wake();
  }

  #fail(how: string): void {
    const last = this.#waiting.at(-1)?.event;
    if (this.#over || last === 'problem') return;
    const problem: LiveEventOf['problem'] = {
      code: 'LIVE_ENDED',
      message: `The process in which the env of this run was simulated ${how}.`,
    };
    this.#add({ event: 'problem', json: JSON.stringify(problem) });
  }
}
