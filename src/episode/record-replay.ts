import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { RecordEpisode } from './recorder.js';
import { EpisodeWriter } from './writer.js';

/** How a RecordReplay is made. */
export interface RecordReplayOptions {
  /** The file to write; it is finished by `close()`. */
  readonly path: string;
  /** Keep every observation, not only its hash, false by default. */
  readonly observations?: boolean | undefined;
  /** Which episodes to keep, counted from 0; all by default. */
  readonly episodeTrigger?: ((episode: number) => boolean) | undefined;
  /** Who acts, in words. */
  readonly policyNote?: string | undefined;
}

/**
 * Writes the episodes of an env to a file that can be replayed and verified: what RecordVideo is elsewhere. Make it the
 * outermost wrapper; `close()` finishes the file, with the unfinished episode in it.
 */
export class RecordReplay<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly path: string;
  readonly #recorder: RecordEpisode<Obs, Act>;
  readonly #writer: EpisodeWriter;
  #episodes = 0;

  /**
   * @throws `ENV_WITHOUT_SPEC` for an env that was built by hand, `WRAPPER_NOT_PORTABLE` if a wrapper in it cannot be built
   * again, `INVALID_WRAPPER_OPTION`, `NOT_WRITABLE`.
   */
  constructor(env: Env<Obs, Act>, options: RecordReplayOptions) {
    if (typeof options?.path !== 'string' || options.path === '') {
      throw usageError('INVALID_WRAPPER_OPTION', 'RecordReplay: path must be the file to write.', { field: 'path' });
    }
    super(env, null);
    const { spec } = env;
    if (spec === null) {
      throw usageError(
        'ENV_WITHOUT_SPEC',
        'RecordReplay writes how to build the env again, which only an env from make() knows. Register the class and make it.',
        { field: 'spec' },
      );
    }
    const { path, observations = false, episodeTrigger = () => true, policyNote } = options;
    const { observationSpace, actionSpace, metadata } = env;
    this.path = path;
    const note = policyNote === undefined ? {} : { policyNote };
    this.#writer = new EpisodeWriter(path, { spec, observationSpace, actionSpace, metadata, ...note });
    this.#recorder = new RecordEpisode(env, {
      observations,
      onEpisode: (episode) => {
        if (episodeTrigger(this.#episodes++)) this.#writer.write(episode);
      },
    });
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    return this.#recorder.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    return this.#recorder.step(action);
  }

  override close(): void {
    this.#recorder.flush();
    this.#writer.close();
    this.env.close();
  }
}
