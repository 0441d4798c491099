/** What `JSON.stringify` and `JSON.parse` carry without loss. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object, such as an env's keyword arguments. */
export type JsonObject = { [key: string]: Json };
