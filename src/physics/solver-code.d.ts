/** The compiled solver, base64; written by scripts/build-kernels.mjs from src/physics/assembly. */
export declare const SOLVER: string;
