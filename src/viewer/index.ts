/** Pages that show what was recorded. */
export { type EpisodePageOptions, renderEpisodePage, writeEpisodePage } from './page.js';
