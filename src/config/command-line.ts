import { Command as Parser, CommanderError, Option } from 'commander';
import { ConfigError } from './config-error.js';
import { ALL_SETTINGS, settingsOf } from './settings.js';
import { defaultText, environmentName, unitText, type Command, type Setting } from './setting.js';
import { allowedText, type Given } from './value.js';

/** One line for each command, for the help of the whole program too. */
export const SUMMARIES: Readonly<Record<Command, string>> = {
  up: 'run the proxy, a validator and miners on this machine',
  proxy: 'run the task queue with its gRPC services and the REST front door',
  bridge: 'run the REST front door alone, against a proxy elsewhere',
  validator: 'take tasks from the proxy, ask miners, judge their replies',
  miner: 'answer audio tasks with the engines of this machine',
  wallet: 'create, import or show a hotkey',
};

const FOOTER = `
Each setting comes from its flag, else its environment variable (an empty one is unset), else the
file of --config, else its default. A flag of type true or false alone means true; it also takes
true, false, 1, 0, yes or no as --flag=value or as the next word.`;

/** The usage, flags, units, defaults and environment names of a command. */
export function helpText(command: Command): string {
  return parserOf(command).helpInformation() + FOOTER + '\n';
}

/** What the words of a command line ask for. */
export type CommandLine =
  { readonly kind: 'help' } | { readonly kind: 'flags'; readonly flags: ReadonlyMap<string, Given> };

/**
 * Splits a command line into the values of its flags; the last one of a flag counts.
 *
 * @param argv the words behind the subcommand; of the wallet, behind what to do with it
 * @throws ConfigError for an unknown flag, a stray word or a flag without its value
 */
export function readCommandLine(command: Command, argv: readonly string[]): CommandLine {
  const parser = parserOf(command);
  const { operands, unknown } = parseWords(parser, command, argv);
  const options = parser.opts<Record<string, string | true>>();
  if (options['help'] !== undefined) return { kind: 'help' };
  const stray = unknown[0];
  if (stray !== undefined) throw new ConfigError(unknownFlag(command, stray.replace(/=.*$/s, '')));
  if (operands[0] !== undefined) throw new ConfigError(strayWord(command, operands[0]));
  const flags = new Map<string, Given>();
  for (const [flag, value] of Object.entries(options))
    flags.set(
      flag,
      value === true ? { text: 'true', origin: `--${flag}` } : { text: value, origin: `--${flag} ${value}` },
    );
  return { kind: 'flags', flags };
}

function parserOf(command: Command): Parser {
  const parser = new Parser(`audio-subnet ${command}`)
    .description(SUMMARIES[command])
    .usage(command === 'wallet' ? '<create|import|show> [flags]' : '[flags]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ getOutHelpWidth: () => 100, writeErr: () => undefined });
  for (const [flag, setting] of settingsOf(command)) parser.addOption(optionOf(flag, setting));
  return parser.addOption(new Option('-h, --help', 'show this help'));
}

function optionOf(flag: string, setting: Setting): Option {
  const { type } = setting;
  const value =
    type === 'boolean' ? '[true|false]' : type === 'choice' ? `<${setting.choices.join('|')}>` : `<${type}>`;
  const facts = [unitText(setting), `default: ${defaultText(setting)}`, environmentName(flag, setting)];
  return new Option(`--${flag} ${value}`, `${setting.description} (${facts.join('; ')})`);
}

function parseWords(parser: Parser, command: Command, argv: readonly string[]) {
  try {
    return parser.parseOptions([...argv]);
  } catch (cause) {
    if (!(cause instanceof CommanderError) || cause.code !== 'commander.optionMissingArgument') throw cause;
    // Only the last word can lack the value that would follow it.
    const flag = argv.at(-1)?.slice(2) ?? '';
    const setting = settingsOf(command).get(flag);
    const allowed = setting === undefined ? 'given' : allowedText(setting);
    throw new ConfigError(`--${flag} has no value: it must be ${allowed}`, { cause });
  }
}

/** A word behind the wallet may be part of a secret, so it is not repeated. */
function strayWord(command: Command, word: string): string {
  return command === 'wallet'
    ? 'unexpected word; audio-subnet wallet takes no secret from the command line, where others could read it'
    : `${word}: unexpected word; audio-subnet ${command} takes flags only`;
}

function unknownFlag(command: Command, word: string): string {
  const flag = word.replace(/^-+/, '');
  const elsewhere = ALL_SETTINGS.get(flag);
  if (elsewhere !== undefined)
    return `${word} is a flag of ${elsewhere.programs.join(', ')}, not of ${command}`;
  const similar = similarFlag(command, flag);
  const advice =
    similar === undefined ? `audio-subnet ${command} --help lists the flags` : `did you mean --${similar}?`;
  return `unknown flag ${word}: ${advice}`;
}

/** The flag that differs by its case or separators only. */
export function similarFlag(command: Command, name: string): string | undefined {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[-_.]/g, '');
  return [...settingsOf(command).keys()].find((flag) => bare(flag) === bare(name));
}
