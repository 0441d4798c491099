/** `gymkhana/testing`: what an env must keep, as tests for any runner. */
export { type EnvContractOptions, envContract, type TestFunction } from './env-contract.js';
