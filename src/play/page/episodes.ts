/// <reference lib="dom" />
/** The list of played episodes: each is sent to the server, and its verdict shown. */
import { brief, byId, element } from '../../viewer/page/elements.js';
import type { KeptEpisode, PlayedEpisode, PlayRefusal } from '../protocol.js';
import type { Ending } from './game.js';

/** Sends episodes and says what became of them. */
export class EpisodeList {
  /** Episodes that the server has not answered for. */
  waiting = 0;

  /** Sends an episode; if that fails it stays in the page, with a button that tries again. */
  send(played: PlayedEpisode, total: number, ending: Ending | 'failed'): void {
    const { seed, hashes } = played;
    const verdict = element('span', 'verdict');
    verdict.setAttribute('role', 'status');
    const title = element(
      'span',
      '',
      `Return `,
      element('b', '', brief(total)),
      ` · ${hashes.length - 1} steps, ${ending}`,
    );
    const item = element('li', '', title, element('span', 'verdict', `Seed ${seed}`), verdict);
    byId('none').hidden = true;
    byId('episodes').prepend(item);
    this.waiting++;
    const text = JSON.stringify(played);
    const attempt = async (): Promise<void> => {
      verdict.className = 'verdict';
      verdict.textContent = 'Node simulates it again …';
      const { kept, why, again } = await post(text);
      if (kept !== null) {
        this.waiting--;
        verdict.className = kept.same ? 'verdict good' : 'verdict bad';
        verdict.textContent = `Episode ${kept.index} of the file. ${kept.message}.`;
        return;
      }
      verdict.className = 'verdict bad';
      verdict.textContent = `Not kept. ${why} `;
      if (!again) {
        this.waiting--;
        return;
      }
      const retry = element('button', '', 'Try again');
      retry.type = 'button';
      retry.addEventListener('click', () => void attempt());
      verdict.append(retry);
    };
    void attempt();
  }
}

/** The server's answer; `again` if another try may help. */
async function post(
  text: string,
): Promise<{ readonly kept: KeptEpisode | null; readonly why: string; readonly again: boolean }> {
  let answer: Response;
  try {
    answer = await fetch('/api/episodes', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: text,
    });
  } catch {
    return { kept: null, why: 'The command that serves this page has ended, or cannot be reached.', again: true };
  }
  try {
    const body = (await answer.json()) as KeptEpisode | PlayRefusal;
    if (!('error' in body)) return { kept: body, why: '', again: false };
    return { kept: null, why: body.error.message, again: answer.status >= 500 };
  } catch {
    return { kept: null, why: `The server answered with status ${answer.status}.`, again: true };
  }
}
