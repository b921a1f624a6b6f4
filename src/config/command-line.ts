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
  keys: 'create, list, revoke or rotate API keys of the proxy',
  submit: 'transcribe an audio file and print its text',
  say: 'speak a text into a file',
  summarize: 'print a shorter text',
  tasks: 'list your tasks, newest first',
  watch: 'wait for a task and print its result',
};

/** The words that a command takes beside its flags. */
const OPERANDS: Readonly<Partial<Record<Command, string>>> = {
  wallet: '<create|import|show>',
  keys: '<create|list|revoke|rotate> [id of a key]',
  submit: '<file|->',
  say: '<text>',
  summarize: '<file|->',
  watch: '<id>',
};

const FOOTER = `
Each setting comes from its flag, else its environment variable (an empty one is unset), else the
file of --config, else its default. A flag of type true or false alone means true; it also takes
true, false, 1, 0, yes or no as --flag=value or as the next word, and --no-flag means false.`;

/** The usage, flags, units, defaults and environment names of a command. */
export function helpText(command: Command): string {
  return parserOf(command).helpInformation() + FOOTER + '\n';
}

/** What the words of a command line ask for. */
export type CommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'flags';
      readonly flags: ReadonlyMap<string, Given>;
      /** Of a command that takes a word. */
      readonly operand?: string;
    };

/**
 * Splits a command line into the values of its flags; the last one of a flag counts.
 *
 * @param argv the words behind the subcommand; of wallet and keys, behind what to do with it
 * @throws ConfigError for an unknown flag, a stray word or a flag without its value
 */
export function readCommandLine(command: Command, argv: readonly string[]): CommandLine {
  const parser = parserOf(command);
  const { operands, unknown } = parseWords(parser, command, argv.map(withoutNo(command)));
  const options = parser.opts<Record<string, string | true>>();
  if (options['help'] !== undefined) return { kind: 'help' };
  const stray = unknown[0];
  if (stray !== undefined) throw new ConfigError(unknownFlag(command, stray.replace(/=.*$/s, '')));
  const [operand] = operands;
  const strayOperand = operands[OPERANDS[command] === undefined ? 0 : 1];
  if (strayOperand !== undefined) throw new ConfigError(strayWord(command, strayOperand));
  const flags = new Map<string, Given>();
  for (const [flag, value] of Object.entries(options))
    flags.set(
      flag,
      value === true ? { text: 'true', origin: `--${flag}` } : { text: value, origin: `--${flag} ${value}` },
    );
  return { kind: 'flags', flags, ...(operand !== undefined && { operand }) };
}

/** `--no-flag` of a flag that is true or false is false. */
function withoutNo(command: Command): (word: string) => string {
  return (word) => {
    const flag = /^--no-(.+)$/.exec(word)?.[1] ?? '';
    return settingsOf(command).get(flag)?.type === 'boolean' ? `--${flag}=false` : word;
  };
}

function parserOf(command: Command): Parser {
  const parser = new Parser(`audio-subnet ${command}`)
    .description(SUMMARIES[command])
    .usage([OPERANDS[command] ?? '', '[flags]'].join(' ').trim())
    .helpOption(false)
    .exitOverride()
    .configureOutput({ getOutHelpWidth: () => 100, writeErr: () => undefined });
  for (const [flag, setting] of settingsOf(command))
    if (setting.type !== 'secret') parser.addOption(optionOf(flag, setting));
  return parser.addOption(new Option('-h, --help', 'show this help'));
}

function optionOf(flag: string, setting: Setting): Option {
  const { type } = setting;
  const value =
    type === 'boolean' ? '[true|false]' : type === 'choice' ? `<${setting.choices.join('|')}>` : `<${type}>`;
  const facts = [unitText(setting), `default: ${defaultText(setting)}`, environmentName(flag, setting)];
  const short = setting.short === undefined ? '' : `-${setting.short}, `;
  return new Option(`${short}--${flag} ${value}`, `${setting.description} (${facts.join('; ')})`);
}

function parseWords(parser: Parser, command: Command, argv: readonly string[]) {
  try {
    return parser.parseOptions([...argv]);
  } catch (cause) {
    if (!(cause instanceof CommanderError) || cause.code !== 'commander.optionMissingArgument') throw cause;
    // Only the last word can lack the value that would follow it.
    const word = (argv.at(-1) ?? '').replace(/^-+/, '');
    const flag = [...settingsOf(command)].find(([, { short }]) => short === word)?.[0] ?? word;
    const setting = settingsOf(command).get(flag);
    const allowed = setting === undefined ? 'given' : allowedText(setting);
    throw new ConfigError(`--${flag} has no value: it must be ${allowed}`, { cause });
  }
}

/** A word behind the wallet may be part of a secret, so it is not repeated. */
function strayWord(command: Command, word: string): string {
  if (command === 'wallet')
    return 'unexpected word; audio-subnet wallet takes no secret from the command line, where others could read it';
  const operand = OPERANDS[command];
  return operand === undefined
    ? `${word}: unexpected word; audio-subnet ${command} takes flags only`
    : `${word}: unexpected word; audio-subnet ${command} takes one, ${operand}: put what has spaces into quotes`;
}

function unknownFlag(command: Command, word: string): string {
  const flag = word.replace(/^-+/, '');
  const elsewhere = ALL_SETTINGS.get(flag);
  if (elsewhere?.type === 'secret')
    return `${word} is no flag, for others can read a command line: set ${environmentName(flag, elsewhere)}`;
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
