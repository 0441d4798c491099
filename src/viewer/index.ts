/** Pages that show what was recorded, and envs as scripts for pages. */
export { bundleEnv, type EnvBundle, type PageSim } from './env-bundle.js';
export { type EpisodePageOptions, type PagePolicy, renderEpisodePage, writeEpisodePage } from './page.js';
