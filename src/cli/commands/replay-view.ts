import type { CommandModule } from 'yargs';
import { GymkhanaError } from '../../core/errors.js';
import { episodesToView } from '../../runs/episodes-to-view.js';
import { loadPolicy } from '../../runs/policies.js';
import { type PagePolicy, writeEpisodePage } from '../../viewer/index.js';
import { given, moduleFlag, readEpisodeFlags, readModule, text, valued } from '../options.js';
import { result } from '../output.js';

export const replayView: CommandModule = {
  command: 'view <what>',
  describe: 'write a self-contained HTML page that plays episodes of a file, a run or an env',
  builder: (yargs) =>
    yargs
      .positional('what', {
        type: 'string',
        describe: 'an episode file, a run directory, a folder of runs (the best of them) or an env',
        demandOption: true,
      })
      .option('out', valued('page to write (<file>.html; <run>.html or <env>.html in this folder)'))
      .option('episodes', valued('how many, the best first (3; of a file all)'))
      .option('seed', valued('seed of the episodes that a run or an env plays for the page (0)'))
      .option('policy', valued('who plays an env: random or one of its baselines (random)'))
      .option(
        'checkpoint',
        valued('of a run: last, best or a number of steps, to be played instead of what it recorded'),
      )
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .option('module', moduleFlag)
      .option('ignore-checksum', { type: 'boolean', describe: 'go on although a part of the file has changed' })
      .example(
        '$0 replay view runs/CartPole-v1-ppo-seed1',
        'the best episodes that the run recorded, or its policy now',
      )
      .example('$0 replay view Driving-v0 --policy pure-pursuit', "an env's scripted baseline"),
  async handler(argv) {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const ignoreChecksum = argv['ignore-checksum'] === true;
    const viewed = await episodesToView(String(argv['what']), {
      signal: stop.signal,
      ignoreChecksum,
      ...readEpisodeFlags(argv),
      ...given({ policy: text('policy', argv['policy']) }),
    });
    try {
      const page = text('out', argv['out']) ?? viewed.page;
      const bytes = await writeEpisodePage(page, viewed.path, {
        ignoreChecksum,
        // A run knows its own module; a file may be of one that has moved.
        ...(viewed.source === 'file' && readModule(argv['module'])),
        ...given({
          episodes: viewed.episodes,
          policy: viewed.run === undefined ? undefined : await policyOf(viewed.run, argv['checkpoint']),
        }),
      });
      if (argv['json'] === true) {
        const { source, about } = viewed;
        return result(JSON.stringify({ page, bytes, source, about }));
      }
      if (viewed.source !== 'file') result(viewed.about);
      result(`Wrote ${page}; open it in a browser.`);
    } finally {
      viewed.dispose();
    }
  },
};

/** A run's policy for the page, to play on with; none where the run has no checkpoint. */
async function policyOf(run: string, checkpoint: unknown): Promise<PagePolicy | undefined> {
  try {
    const { policy } = await loadPolicy(
      run,
      given({ checkpoint: checkpoint === undefined ? undefined : String(checkpoint) }),
    );
    return { ...policy.weights, name: run };
  } catch (error) {
    if (error instanceof GymkhanaError && error.code === 'CHECKPOINT_NOT_FOUND') return undefined;
    throw error;
  }
}
