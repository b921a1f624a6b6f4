import { AssertionError } from 'chai';
import { ConfigError } from '../../../src/config/config-error.js';
import { parseConfig, type Configs } from '../../../src/config/parse-config.js';
import type { Program } from '../../../src/config/setting.js';

/** The sources of a configuration. */
export interface Sources {
  /** Words of the command line, separated by single spaces. */
  readonly line?: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The text of `settings.json`, which `--config` then names. */
  readonly file?: string;
}

export function parse<P extends Program>(program: P, sources: Sources = {}): Configs[P] {
  const parsed = parseConfig(program, words(sources), surroundings(sources));
  if (parsed.kind !== 'config') throw new AssertionError('a configuration was expected, not help');
  return parsed.config;
}

/** The line of the error that the sources give. */
export function errorLine(program: Program, sources: Sources): string {
  try {
    parseConfig(program, words(sources), surroundings(sources));
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new AssertionError('an error was expected');
}

export function words({ line = '', argv, file }: Sources): readonly string[] {
  const given = argv ?? line.split(' ').filter((word) => word !== '');
  return file === undefined ? given : [...given, '--config', 'settings.json'];
}

function surroundings({ env = {}, file }: Sources) {
  const readFile = (path: string) => {
    if (path === 'settings.json' && file !== undefined) return file;
    throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  };
  return { env, home: '/home/luno', readFile };
}
