#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { SUMMARIES } from '../config/command-line.js';
import { ConfigError } from '../config/config-error.js';
import { parseConfig, type Configs } from '../config/parse-config.js';
import { policyText } from '../config/policy-file.js';
import type { Surroundings } from '../config/read-values.js';
import { COMMANDS, PROGRAMS, USER_COMMANDS, type Program, type UserCommand } from '../config/setting.js';
import { Refusal } from '../domain/errors.js';
import { untilSignal } from '../runtime/lifecycle.js';
import { OpenError } from '../store/sqlite/open-error.js';
import { makeDataDirectory } from './data-directory.js';
import { createEnvironment, type Environment } from './environment.js';
import { loadPolicy } from './policy.js';
import { StartError } from './start-error.js';
import type { UserAction } from './user-session.js';
import { VERSION } from './version.js';

/**
 * Starts a program; what it returns is printed. Each loads what it needs by itself: all of it took every command,
 * `--help` too, 0.85 s of processor where 0.25 s are enough.
 */
const STARTERS: {
  readonly [P in Program]: (config: Configs[P], env: Environment) => Promise<string | undefined>;
} = {
  async up(config, env) {
    const { startUp } = await import('./up.js');
    return startUp(config, env);
  },
  async proxy(config, env) {
    const { runProxy } = await import('./proxy.js');
    await runProxy(config, env);
    return undefined;
  },
  async bridge(config, env) {
    const { startBridge } = await import('./bridge.js');
    await startBridge(config, env);
    return undefined;
  },
  async validator(config, env) {
    const { runValidator } = await import('./validator.js');
    await runValidator(config, env);
    return undefined;
  },
  async miner(config, env) {
    const { runMiner } = await import('./miner.js');
    await runMiner(config, env);
    return undefined;
  },
};

/** What the commands for people do. */
const ACTIONS: { readonly [C in UserCommand]: () => Promise<UserAction<Configs[C]>> } = {
  submit: async () => (await import('./submit.js')).runSubmit,
  say: async () => (await import('./say.js')).runSay,
  summarize: async () => (await import('./summarize.js')).runSummarize,
  tasks: async () => (await import('./tasks.js')).runTasks,
  watch: async () => (await import('./watch.js')).runWatch,
};

/** Exit codes: 0 stopped when asked to, 1 could not start or broke, 2 wrong usage; of user commands see EXIT. */
async function main([command, ...argv]: readonly string[]): Promise<number> {
  if (command === '--version') {
    print(VERSION);
    return 0;
  }
  if (command === 'wallet') {
    const { runWallet } = await import('./wallet.js');
    print(await runWallet(argv, surroundings()));
    return 0;
  }
  if (command === 'keys') {
    const { runKeys } = await import('./keys.js');
    print(await runKeys(argv, surroundings()));
    return 0;
  }
  if (command === 'policy') {
    printPolicy(argv);
    return 0;
  }
  const userCommand = USER_COMMANDS.find((name) => name === command);
  if (userCommand !== undefined) return runUser(userCommand, argv);
  const program = PROGRAMS.find((name) => name === command);
  if (program === undefined) {
    const asked = command === undefined || command === '--help' || command === 'help';
    if (asked) print(usage());
    else complain(`unknown command ${command}\n\n${usage()}`);
    return asked ? 0 : 2;
  }
  return run(program, argv);
}

// The parameter ties the command's configuration to its action.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
async function runUser<C extends UserCommand>(command: C, argv: readonly string[]): Promise<number> {
  const { runUserCommand } = await import('./user-session.js');
  return runUserCommand(command, await ACTIONS[command](), { argv, surroundings: surroundings() });
}

// The parameter ties the program's configuration to its starter.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
async function run<P extends Program>(program: P, argv: readonly string[]): Promise<number> {
  const parsed = parseConfig(program, argv, surroundings());
  if (parsed.kind === 'help') {
    print(parsed.text);
    return 0;
  }
  const { config } = parsed;
  let broken: (error: Error) => void = () => undefined;
  const failure = new Promise<Error>((resolve) => {
    broken = resolve;
  });
  const env = createEnvironment(program, config, broken);
  const interrupted = untilSignal(['SIGINT', 'SIGTERM']);
  try {
    await makeDataDirectory(config.dataDir);
    const text = await STARTERS[program](config, env);
    if (text !== undefined) print(text);
  } catch (error) {
    await env.lifecycle.stop();
    throw error;
  }
  const end = await Promise.race([interrupted, failure]);
  if (end instanceof Error) env.log.fatal({ err: end }, 'the database can no longer be trusted: stopping');
  else env.log.info({ signal: end }, 'stopping');
  await env.lifecycle.stop();
  // An exit in order would close the database, and with that write to it.
  if (end instanceof Error) process.kill(process.pid, 'SIGKILL');
  return 0;
}

function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), readFile: (path) => readFileSync(path, 'utf8') };
}

/** The JSON goes to standard output alone, so that it can be kept as a file. @throws ConfigError */
function printPolicy([file, stray]: readonly string[]): void {
  if (stray !== undefined || file?.startsWith('-') === true)
    throw new ConfigError('usage: audio-subnet policy [file.json]');
  const policy = loadPolicy(file, 'policy');
  print(policyText(policy));
  complain(`policy ${policy.version}, SHA-256 ${policy.hash}`);
}

function usage(): string {
  const width = Math.max(...[...COMMANDS, 'policy'].map(({ length }) => length));
  return [
    'Usage: audio-subnet <command> [flags]',
    '',
    'Commands:',
    ...COMMANDS.map((name) => `  ${name.padEnd(width)}  ${SUMMARIES[name]}`),
    `  ${'policy'.padEnd(width)}  print the built-in scoring policy, or check and print the one of a file`,
    '',
    'audio-subnet <command> --help lists the flags of a command; --version prints the version.',
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`audio-subnet: ${text}\n`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) {
    complain(error.message);
    return 2;
  }
  if (error instanceof StartError || error instanceof OpenError || error instanceof Refusal)
    complain(error.message);
  else complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

// What grpc-js would write on standard error by itself arrives here as an error of the call as well. It reads this
// when it is loaded.
process.env['GRPC_VERBOSITY'] ??= 'NONE';
process.exit(await main(process.argv.slice(2)).catch(exitCodeOf));
