/** Local web servers: loopback unless told otherwise, for the pages that they serve and nobody else's. */
export { pathBelow } from './files.js';
export { type LocalServer, type LocalServerOptions, serveLocal } from './serve.js';
