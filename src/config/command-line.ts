import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from './config-error.js';
import { ALL_SETTINGS, settingsOf } from './settings.js';
import { defaultText, environmentName, unitText, type Program, type Setting } from './setting.js';
import { allowedText, type Given } from './value.js';

/** One line for each program, for the help of the whole command too. */
export const SUMMARIES: Readonly<Record<Program, string>> = {
  up: 'run the proxy, a validator and miners on this machine',
  proxy: 'run the task queue with its gRPC services and the REST front door',
  bridge: 'run the REST front door alone, against a proxy elsewhere',
  validator: 'take tasks from the proxy, ask miners, judge their replies',
  miner: 'answer audio tasks with the engines of this machine',
};

const FOOTER = `
Each setting comes from its flag, else its environment variable (an empty one is unset), else the
file of --config, else its default. A flag of type true or false alone means true; it also takes
true, false, 1, 0, yes or no as --flag=value or as the next word.`;

/** The usage, flags, units, defaults and environment names of a program. */
export function helpText(program: Program): string {
  return commandOf(program).helpInformation() + FOOTER + '\n';
}

/** What the words of a command line ask for. */
export type CommandLine =
  { readonly kind: 'help' } | { readonly kind: 'flags'; readonly flags: ReadonlyMap<string, Given> };

/**
 * Splits a command line into the values of its flags; the last one of a flag counts.
 *
 * @param argv the words behind the subcommand
 * @throws ConfigError for an unknown flag, a stray word or a flag without its value
 */
export function readCommandLine(program: Program, argv: readonly string[]): CommandLine {
  const command = commandOf(program);
  const { operands, unknown } = parseWords(command, program, argv);
  const options = command.opts<Record<string, string | true>>();
  if (options['help'] !== undefined) return { kind: 'help' };
  const stray = unknown[0];
  if (stray !== undefined) throw new ConfigError(unknownFlag(program, stray.replace(/=.*$/s, '')));
  if (operands[0] !== undefined)
    throw new ConfigError(`${operands[0]}: unexpected word; audio-subnet ${program} takes flags only`);
  const flags = new Map<string, Given>();
  for (const [flag, value] of Object.entries(options))
    flags.set(
      flag,
      value === true ? { text: 'true', origin: `--${flag}` } : { text: value, origin: `--${flag} ${value}` },
    );
  return { kind: 'flags', flags };
}

function commandOf(program: Program): Command {
  const command = new Command(`audio-subnet ${program}`)
    .description(SUMMARIES[program])
    .usage('[flags]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ getOutHelpWidth: () => 100, writeErr: () => undefined });
  for (const [flag, setting] of settingsOf(program)) command.addOption(optionOf(flag, setting));
  return command.addOption(new Option('-h, --help', 'show this help'));
}

function optionOf(flag: string, setting: Setting): Option {
  const { type } = setting;
  const value =
    type === 'boolean' ? '[true|false]' : type === 'choice' ? `<${setting.choices.join('|')}>` : `<${type}>`;
  const facts = [unitText(setting), `default: ${defaultText(setting)}`, environmentName(flag, setting)];
  return new Option(`--${flag} ${value}`, `${setting.description} (${facts.join('; ')})`);
}

function parseWords(command: Command, program: Program, argv: readonly string[]) {
  try {
    return command.parseOptions([...argv]);
  } catch (cause) {
    if (!(cause instanceof CommanderError) || cause.code !== 'commander.optionMissingArgument') throw cause;
    // Only the last word can lack the value that would follow it.
    const flag = argv.at(-1)?.slice(2) ?? '';
    const setting = settingsOf(program).get(flag);
    const allowed = setting === undefined ? 'given' : allowedText(setting);
    throw new ConfigError(`--${flag} has no value: it must be ${allowed}`, { cause });
  }
}

function unknownFlag(program: Program, word: string): string {
  const flag = word.replace(/^-+/, '');
  const elsewhere = ALL_SETTINGS.get(flag);
  if (elsewhere !== undefined)
    return `${word} is a flag of ${elsewhere.programs.join(', ')}, not of ${program}`;
  const similar = similarFlag(program, flag);
  const advice =
    similar === undefined ? `audio-subnet ${program} --help lists the flags` : `did you mean --${similar}?`;
  return `unknown flag ${word}: ${advice}`;
}

/** The flag that differs by its case or separators only. */
export function similarFlag(program: Program, name: string): string | undefined {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '');
  return [...settingsOf(program).keys()].find((flag) => bare(flag) === bare(name));
}
