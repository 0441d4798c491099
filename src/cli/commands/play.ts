import type { KeptEpisode } from '../../play/index.js';
import { resolveEnv, withWrappers } from '../../registration/index.js';
import type { Command } from '../command.js';
import { given, object, text, valued, whole, wrappers } from '../options.js';
import { result, shown } from '../output.js';
import { stopOnSignals } from '../signals.js';

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('env', { type: 'string', describe: 'an id, module:EnvId or ./file.ts:EnvId', demandOption: true })
      .option('out', valued('file that episodes are appended to (episodes/<env>-human.episode)'))
      .option(
        'seed',
        valued('seed of the first episode, each further one has the next (the number of episodes in the file)'),
      )
      .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
      .option('wrapper', valued('a wrapper of the env: Name, or Name:{"option":1}; repeat for more, innermost first'))
      .option('port', valued('port of the page, 0 for any that is free (0)'))
      .option('host', valued('address to listen on (127.0.0.1); any other than loopback has a token'))
      .example('$0 play Driving-v0', 'arrow keys drive; open the address that is printed'),
  async handler(argv) {
    const json = argv['json'] === true;
    // Loaded here: no other command needs a web server.
    const { playEnv } = await import('../../play/index.js');
    const stop = stopOnSignals('ending');
    const named = await resolveEnv(String(argv['env']), { cwd: process.cwd() });
    const kwargs = object('env-kwargs', argv['env-kwargs']);
    const spec = withWrappers(
      { ...named, kwargs: { ...named.kwargs, ...kwargs } },
      wrappers('wrapper', argv['wrapper']),
    );
    let kept = 0;
    const server = await playEnv({
      spec,
      path: text('out', argv['out']) ?? `episodes/${spec.id.replaceAll('/', '-')}-human.episode`,
      onEpisode: (episode) => {
        kept++;
        result(json ? JSON.stringify({ event: 'episode', ...episode }) : line(episode));
      },
      ...given({
        seed: whole('seed', argv['seed']),
        port: whole('port', argv['port']),
        host: text('host', argv['host']),
      }),
    });
    const { url, path, episodes } = server;
    if (json) result(JSON.stringify({ event: 'ready', url, file: path, episodes }));
    else {
      result(`Play ${spec.id} at ${url} (Ctrl-C ends).`);
      result(`Episodes go to ${path}${episodes === 0 ? '' : `, which has ${episodes}`}.`);
    }
    if (!stop.signal.aborted)
      await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
    if (json) result(JSON.stringify({ event: 'end', kept, file: path, episodes: server.episodes }));
    else if (kept > 0)
      result(`Kept ${kept} ${kept === 1 ? 'episode' : 'episodes'} in ${path}.\nNext: gymkhana replay view ${path}`);
    else result('No episode was played to its end.');
  },
};

function line({ index, steps, return: total, ended, message }: KeptEpisode): string {
  return `episode ${index}: ${steps} steps, return ${shown(total, 2)}, ${ended}. ${message}.`;
}
