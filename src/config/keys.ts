import { SCOPES, type Scope } from '../domain/scope.js';
import { milliseconds } from './sections.js';
import type { Values } from './settings.js';

/** What the keys command works on. */
export interface KeysCommandConfig {
  readonly dataDir: string;
  /** Of a key to create. */
  readonly name?: string;
  /** Of a key to create, in the order of SCOPES. */
  readonly scopes: readonly Scope[];
  /** How long the secret before a rotation still counts. */
  readonly graceMs: number;
  readonly json: boolean;
}

export function keysCommandConfig(values: Values<'keys'>): KeysCommandConfig {
  const wanted = values.scope.split(',');
  return {
    dataDir: values.data_dir,
    ...(values.name !== undefined && { name: values.name }),
    scopes: SCOPES.filter((scope) => wanted.includes(scope)),
    graceMs: milliseconds(values.grace),
    json: values.json,
  };
}
