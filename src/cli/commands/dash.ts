import { once } from 'node:events';
import { GymkhanaError } from '../../core/errors.js';
import { trustModule } from '../../registration/index.js';
import type { Command } from '../command.js';
import { given, moduleFlag, text, texts, valued, whole } from '../options.js';
import { result } from '../output.js';
import { stopOnSignals } from '../signals.js';

/** The same address every time, as far as it is free. */
const USUAL_PORT = 7860;

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'folder of runs, at any depth (runs)' })
      .option('port', valued('port to listen on, 0 for any that is free (7860, or a free one)'))
      .option('host', valued('address to listen on (127.0.0.1); with any other the page needs a token'))
      .option('token', valued('secret that the address must hold; made up where one is needed'))
      .option('module', {
        ...moduleFlag,
        describe: 'file of an env whose policies may act live, where its runs come from elsewhere; repeat for more',
      })
      .example('$0 dash', 'the runs below runs/, until Ctrl-C')
      .example('$0 dash launches/sweep --module ./my-env.ts', 'and agents of an env of your own'),
  async handler(argv) {
    const stop = stopOnSignals('the dashboard ends');
    // The server's libraries are of no use to other commands.
    const { serveDash } = await import('../../dash/index.js');
    for (const path of texts('module', argv['module']) ?? []) trustModule(path);
    const options = {
      folder: text('dir', argv['dir']) ?? 'runs',
      ...given({ host: text('host', argv['host']), token: text('token', argv['token']) }),
    };
    const port = whole('port', argv['port']);
    // Without a port of the user's own a second dashboard takes another one.
    const served = await serveDash({ ...options, port: port ?? USUAL_PORT }).catch((error: unknown) => {
      const taken = port === undefined && error instanceof GymkhanaError && error.code === 'PORT_IN_USE';
      if (taken) return serveDash({ ...options, port: 0 });
      throw error;
    });
    const { url, index } = served;
    const runs = index.rows().length;
    if (argv['json'] === true) result(JSON.stringify({ url, port: served.port, folder: index.root, runs }));
    else result(`${runs} ${runs === 1 ? 'run' : 'runs'} in ${index.root}: ${url}\nCtrl-C ends it.`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await served.close();
    process.exitCode = stop.exitCode();
  },
};
