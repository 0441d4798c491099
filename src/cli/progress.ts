/** A run's progress: one updating block on a terminal, a plain line now and then elsewhere. */
import type { WriteStream } from 'node:tty';

const PLAIN_LINE_MS = 5000;

/** Shows progress on `stream`; `lines` makes the text of one state. */
export async function progressBlock<T>(
  stream: WriteStream,
  lines: (state: T) => readonly string[],
): Promise<{ show(state: T): void; done(): void }> {
  if (stream.isTTY) {
    const { createLogUpdate } = await import('log-update');
    const update = createLogUpdate(stream);
    return { show: (state) => update(lines(state).join('\n')), done: () => update.done() };
  }
  let shownAt = performance.now();
  return {
    show(state) {
      if (performance.now() - shownAt <= PLAIN_LINE_MS) return;
      shownAt = performance.now();
      stream.write(`${lines(state).join(' | ')}\n`);
    },
    done() {},
  };
}
