export { type InitOptions, type InitResult, initPackage, TEMPLATES, type Template } from './init.js';
export { runTests } from './run-tests.js';
