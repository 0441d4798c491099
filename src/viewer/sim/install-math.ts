/** The first script of a page that simulates: everything after it sees Node 20's mathematical functions. */
import { installPortableMath } from '../../core/portable-math/index.js';

installPortableMath();
