/** Signals as commands take them: the first asks to stop, the second ends the process at once. */

/** Exit status of a process that a signal ended, as shells give it. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What a command that can be stopped looks at. */
export interface Stop {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Aborted by the second, just before this process ends. */
  readonly killSignal: AbortSignal;
  readonly exitCode: () => number;
}

/** Listens to SIGINT, SIGTERM and SIGHUP; `what` says what the first one does. */
export function stopOnSignals(what: string): Stop {
  const stop = new AbortController();
  const kill = new AbortController();
  let code = 1;
  // A terminal that was closed takes no more output.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  for (const [name, status] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (stop.signal.aborted) {
        kill.abort();
        process.exit(status);
      }
      code = status;
      stop.abort();
      process.stderr.write(`${name}: ${what}. Once more to stop at once.\n`);
    });
  }
  return { signal: stop.signal, killSignal: kill.signal, exitCode: () => code };
}
