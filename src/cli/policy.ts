import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import { parsePolicy } from '../config/policy-file.js';
import { POLICY, type Policy } from '../domain/score/policy.js';

/**
 * The scoring policy of a file, or the built-in one.
 *
 * @param origin where the name came from, such as `--scoring.policy`
 * @throws ConfigError
 */
export function loadPolicy(file: string | undefined, origin: string): Policy {
  if (file === undefined) return POLICY;
  const named = `${origin} ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${named}: cannot be read: ${String(cause)}`, { cause });
  }
  return parsePolicy(text, named);
}
