/**
 * Node 20's mathematical functions in plain TypeScript, equal bit for bit. Engines differ in the last bits of these functions,
 * and an episode is simulated again exactly only where they are the same.
 */
export { installPortableMath, type PortableName, portableMath } from './install.js';
