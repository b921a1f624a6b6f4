import { ConfigError } from './config-error.js';
import { ALL_SETTINGS } from './settings.js';
import { environmentName, type Setting } from './setting.js';
import { allowedText, type Given } from './value.js';
import { messageOf } from '../runtime/message-of.js';

/**
 * Reads the settings of a file: a JSON object from flags without the dashes to values. It may hold
 * settings of several programs, but none that is unknown to all.
 *
 * @param read gives the file's text
 * @throws ConfigError
 */
export function readConfigFile(path: string, read: (path: string) => string): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>();
  for (const [flag, value] of Object.entries(parseObject(path, readText(path, read)))) {
    const setting = ALL_SETTINGS.get(flag);
    if (setting === undefined)
      throw new ConfigError(`--config ${path}: unknown key ${JSON.stringify(flag)}${nested(flag, value)}`);
    if (setting.type === 'secret')
      throw new ConfigError(
        `--config ${path}: "${flag}" is taken from ${environmentName(flag, setting)} alone`,
      );
    if (flag === 'config') throw new ConfigError(`--config ${path}: a file cannot name another in "config"`);
    const origin = `${flag} ${JSON.stringify(value)} in ${path}`;
    if (!fits(setting, value)) throw new ConfigError(`${origin}: must be ${allowedText(setting)}`);
    given.set(flag, { text: String(value), origin });
  }
  return given;
}

function readText(path: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (cause) {
    throw new ConfigError(`--config ${path}: cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parseObject(path: string, text: string): object {
  let value: unknown;
  try {
    // A byte order mark is invisible in an editor and fatal to JSON.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ConfigError(`--config ${path}: is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(`--config ${path}: must hold one JSON object, such as {"http.port": 8000}`);
  return value;
}

/** Numbers and booleans may also be written as strings. */
function fits(setting: Setting, value: unknown): value is string | number | boolean {
  switch (setting.type) {
    case 'integer':
    case 'bytes':
    case 'port':
    case 'seconds':
    case 'share':
      return typeof value === 'number' || typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean' || typeof value === 'string';
    default:
      return typeof value === 'string';
  }
}

function nested(flag: string, value: unknown): string {
  const inner = typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
  return inner === undefined ? '' : `; write ${JSON.stringify(`${flag}.${inner}`)} as one key`;
}
