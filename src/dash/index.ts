/** The dashboard of `gymkhana dash`: a page on the runs below a folder, while they go on. */
export { type Dash, type DashOptions, serveDash } from './serve.js';
