/** A person plays an env in a page; the episodes become an episode file. */
export type { KeptEpisode } from './protocol.js';
export { type PlayOptions, type PlayServer, playEnv } from './serve.js';
