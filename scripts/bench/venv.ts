/** The peers' Python environment, bench/.venv: made on demand, each peer installed on its own so that one failure leaves the others. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './process.js';

export type PeerName = 'gymnasium' | 'envpool' | 'torch' | 'sb3' | 'jax' | 'rlox';

interface Peer {
  readonly title: string;
  /** Commands of pip, one after the other. */
  readonly installs: readonly (readonly string[])[];
  /** What a program that uses the peer imports, and the version that is reported. */
  readonly check: string;
  /** Peers that have to be there too. */
  readonly needs: readonly PeerName[];
}

/** Versions are pinned: figures of two runs compare the same peers. */
export const PEERS: Readonly<Record<PeerName, Peer>> = {
  gymnasium: {
    title: 'Gymnasium',
    installs: [['gymnasium[box2d]==1.4.0', 'numpy==2.4.6']],
    check: 'import gymnasium, Box2D; v = gymnasium.__version__',
    needs: [],
  },
  envpool: {
    title: 'EnvPool',
    installs: [['envpool==1.2.5']],
    check: 'import envpool; v = envpool.__version__',
    needs: ['gymnasium'],
  },
  torch: {
    title: 'PyTorch',
    installs: [['torch==2.15.0']],
    check: 'import torch; v = torch.__version__',
    needs: [],
  },
  sb3: {
    title: 'Stable-Baselines3',
    installs: [['stable-baselines3==2.9.2']],
    check: 'import stable_baselines3; v = stable_baselines3.__version__',
    needs: ['gymnasium', 'torch'],
  },
  jax: {
    title: 'JAX with gymnax',
    // gymnax asks for an older Gymnasium than the one it is compared with; it uses it for its own wrappers only.
    installs: [
      ['jax==0.10.2', 'flax==0.12.8', 'optax==0.2.8', 'six', 'matplotlib', 'seaborn', 'gymnasium==1.4.0'],
      ['--no-deps', 'gymnax==1.0.1'],
    ],
    check:
      'import jax, flax, optax, gymnax; from importlib.metadata import version; v = jax.__version__ + ", gymnax " + version("gymnax")',
    needs: [],
  },
  rlox: {
    title: 'rlox',
    installs: [['rlox==1.2.0']],
    check: 'import rlox; from importlib.metadata import version; v = version("rlox")',
    needs: ['torch'],
  },
};
const NAMES = Object.keys(PEERS) as PeerName[];

/** Which peers can be used. */
export class Peers {
  readonly #root: string;
  readonly #python: string;
  /** Version of each peer, or why it is missing. */
  readonly status: Readonly<Record<PeerName, { readonly version?: string; readonly missing?: string }>>;

  private constructor(root: string, python: string, status: Peers['status']) {
    this.#root = root;
    this.#python = python;
    this.status = status;
  }

  /** Finds the peers, and with `install` brings those that are missing. */
  static async find(root: string, mode: 'install' | 'installed' | 'none', log: (text: string) => void): Promise<Peers> {
    const folder = join(root, 'bench', '.venv');
    const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
    const status = {} as Record<PeerName, { version?: string; missing?: string }>;
    const all = (missing: string): Peers => {
      for (const name of NAMES) status[name] = { missing };
      return new Peers(root, python, status);
    };
    if (mode === 'none') return all('left out with --no-peers');
    if (!existsSync(python)) {
      if (mode === 'installed') return all('not installed; `npm run bench -- --quick --peers` installs it');
      log('Making the Python environment bench/.venv ...\n');
      const made = await capture(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
      if (made.status !== 0) return all(`no Python environment could be made: ${lastLine(made.output)}`);
    }
    const record = join(folder, 'gymkhana-peers.json');
    const known = readRecord(record);
    for (const name of NAMES) {
      const { title, installs, check, needs } = PEERS[name];
      const lacking = needs.find((other) => status[other]?.version === undefined);
      if (lacking !== undefined) {
        status[name] = { missing: `needs ${PEERS[lacking].title}, which is missing` };
        continue;
      }
      const pins = JSON.stringify(installs);
      if (known[name]?.pins === pins) {
        status[name] = { version: known[name].version };
        continue;
      }
      let failure = '';
      if (mode === 'install') {
        log(`Installing ${title} (pip) ...\n`);
        for (const words of installs) {
          const { status: code, output } = await capture(python, [
            '-m',
            'pip',
            'install',
            '--quiet',
            '--disable-pip-version-check',
            '--no-input',
            ...words,
          ]);
          if (code !== 0) failure = lastLine(output.replace(/^.*WARNING.*$/gm, ''));
        }
      }
      const checked = await capture(python, ['-c', `${check}\nprint("version", v)`]);
      const version = /^version (.*)$/m.exec(checked.output)?.[1];
      if (version === undefined) {
        const why = failure === '' ? lastLine(checked.output) : `pip: ${failure}`;
        status[name] = { missing: mode === 'install' ? `could not be installed: ${why}` : 'not installed' };
        log(`${title} is left out: ${status[name].missing}\n`);
        continue;
      }
      status[name] = { version };
      known[name] = { pins, version };
      writeFileSync(record, JSON.stringify(known));
    }
    return new Peers(root, python, status);
  }

  /** The same without any peer, and why. */
  without(reason: string): Peers {
    const status = Object.fromEntries(NAMES.map((name) => [name, { missing: reason }])) as unknown as Peers['status'];
    return new Peers(this.#root, this.#python, status);
  }

  has(name: PeerName): boolean {
    return this.status[name].version !== undefined;
  }

  /** Version or reason of each peer, as results keep it. */
  summary(): Record<string, string> {
    return Object.fromEntries(
      NAMES.map((name) => [PEERS[name].title, this.status[name].version ?? `missing: ${this.status[name].missing}`]),
    );
  }

  /** A peer's program on so many threads. */
  host(name: PeerName, threads: number, words: readonly string[] = []): Host {
    const script = join(this.#root, 'scripts', 'bench', 'peers', `${name}_peer.py`);
    return {
      command: this.#python,
      args: ['-W', 'ignore', script, ...words],
      env: { BENCH_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
    };
  }

  /** A line of Python. */
  line(code: string): Host {
    return { command: this.#python, args: ['-W', 'ignore', '-c', code], env: { JAX_PLATFORMS: 'cpu' } };
  }
}

function readRecord(file: string): Partial<Record<PeerName, { pins: string; version: string }>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof readRecord>;
  } catch {
    return {};
  }
}

function capture(command: string, args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const append = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', append);
    child.stderr.on('data', append);
    child.on('error', (error) => resolve({ status: -1, output: error.message }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** The last thing a program said, without the folders of this machine. */
export function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? '';
  return line.replace(/(?:\/[\w.@+-]+)+\//g, '').slice(0, 200);
}
