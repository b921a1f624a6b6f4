import { ConfigError } from './config-error.js';
import { readCommandLine } from './command-line.js';
import { readConfigFile } from './config-file.js';
import { SETTINGS, settingsOf, type Values } from './settings.js';
import { environmentName, type Command, type Setting } from './setting.js';
import { allowedText, schemaOf, type Given, type Value } from './value.js';

/** What the configuration may see of the world; it asks for nothing else. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, for `~`. */
  readonly home: string;
  /** The text of the `--config` file. */
  readonly readFile: (path: string) => string;
}

/**
 * The value of each setting of a command: of its flag, else its environment variable, else the file,
 * else the default; and the word behind the command. Undefined when help is asked for.
 *
 * @throws ConfigError
 */
export function readValues<P extends Command>(
  command: P,
  argv: readonly string[],
  surroundings: Surroundings,
): { readonly values: Values<P>; readonly operand?: string } | undefined {
  const line = readCommandLine(command, argv);
  if (line.kind === 'help') return undefined;
  const outer = (flag: string, setting: Setting) =>
    line.flags.get(flag) ?? fromEnvironment(flag, setting, surroundings.env);
  const file = readFileOf(outer, surroundings);
  const values: Record<string, Value | undefined> = {};
  for (const [flag, setting] of settingsOf(command)) {
    const given = outer(flag, setting) ?? file.get(flag) ?? fromDefault(flag, setting);
    values[flag] = given && parseGiven(setting, given, surroundings.home);
  }
  // The schema of each setting gives what its row of the table says; the compiler cannot follow the loop.
  return { values: values as Values<P>, ...(line.operand !== undefined && { operand: line.operand }) };
}

type Lookup = (flag: string, setting: Setting) => Given | undefined;

function readFileOf(lookup: Lookup, { home, readFile }: Surroundings): ReadonlyMap<string, Given> {
  const given = lookup('config', SETTINGS.config);
  if (given === undefined) return new Map();
  return readConfigFile(String(parseGiven(SETTINGS.config, given, home)), readFile);
}

function fromEnvironment(flag: string, setting: Setting, env: Surroundings['env']): Given | undefined {
  const name = environmentName(flag, setting);
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  return setting.type === 'secret'
    ? { text, origin: `the value of ${name}` }
    : { text, origin: `${name}=${text} (--${flag})` };
}

function fromDefault(flag: string, setting: Setting): Given | undefined {
  if (setting.default === undefined) return undefined;
  return { text: String(setting.default), origin: `default of --${flag}` };
}

/** Longest part of a bad value that an error repeats, in UTF-16 units. */
const SHOWN_LENGTH = 200;

function parseGiven(setting: Setting, given: Given, home: string): Value {
  const parsed = schemaOf(setting).safeParse(given.text);
  if (!parsed.success) {
    const shown = given.text === '' ? `${given.origin.trim()} ""` : given.origin;
    const cut = shown.length > SHOWN_LENGTH ? `${shown.slice(0, SHOWN_LENGTH)}…` : shown;
    throw new ConfigError(`${cut}: must be ${allowedText(setting)}`);
  }
  const { data } = parsed;
  if (setting.type === 'path') return String(data).replace(/^~(?=\/|$)/, () => home);
  if (setting.type === 'network') return String(data).replace(/^static:~(?=\/|$)/, () => `static:${home}`);
  return data;
}
