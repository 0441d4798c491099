export { notJson } from '../core/json.js';
