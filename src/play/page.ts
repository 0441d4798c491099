/** The page of `gymkhana play`, made once when the command starts: it holds the env and loads nothing. */
import { fileURLToPath } from 'node:url';
import type { EnvSpec } from '../core/spec.js';
import { htmlDocument } from '../html/document.js';
import { bundleEnv, PAGE_BUILD } from '../viewer/env-bundle.js';
import { bundleScript } from '../viewer/page-script.js';
import { playMarkup } from './page-html.js';
import { PLAY_STYLE } from './page-style.js';
import type { PlayData } from './protocol.js';

const GAME = fileURLToPath(new URL('./page/main.js', import.meta.url));

/**
 * Makes the page's scripts, and returns what writes the whole page as HTML for a sitting that begins with a seed.
 * @throws what `bundleEnv` throws, such as `ENV_NOT_FOR_PAGES`.
 */
export async function playPage(
  spec: EnvSpec,
  about: string,
  data: Omit<PlayData, 'seed'>,
): Promise<(seed: number) => string> {
  const [{ install, env }, game] = await Promise.all([bundleEnv(spec), bundleScript(GAME, PAGE_BUILD)]);
  return (seed) =>
    htmlDocument({
      title: `Play ${spec.id}`,
      style: PLAY_STYLE,
      script: [install, env, game],
      connects: true,
      body: playMarkup(about, { ...data, seed }),
    });
}
