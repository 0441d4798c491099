/** What a table of steps says about itself, as JSON that travels in the file's own metadata. */
import type { JsonObject } from '../../core/json.js';
import { numberToJSON } from '../../spaces/arrays.js';
import type { EpisodeFileHead } from '../module.js';
import type { Column } from './columns.js';

/** The key under which Arrow and Parquet files keep the description. */
export const DESCRIPTION_KEY = 'gymkhana';

/** Env, spaces, columns with their fields and units, pace and origin of a table. */
export function describeTable(file: EpisodeFileHead, columns: readonly Column[], fps: number): JsonObject {
  const { header } = file;
  const { spec, metadata } = header;
  return {
    format: 'gymkhana-table',
    version: 1,
    env: spec.id,
    spec: JSON.parse(JSON.stringify(spec)) as JsonObject,
    observationSpace: header.observationSpace,
    actionSpace: header.actionSpace,
    fps: numberToJSON(fps),
    tasks: [metadata.about ?? spec.id],
    policy: header.policy,
    engine: { ...header.engine },
    createdBy: header.createdBy,
    columns: columns.map(({ name, type, shape, fields }) => ({
      name,
      dtype: type,
      shape: [...shape],
      fields: fields === null ? null : fields.map((field) => ({ ...field })),
    })),
  };
}
