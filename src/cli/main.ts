#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { SUMMARIES } from '../config/command-line.js';
import { ConfigError } from '../config/config-error.js';
import { parseConfig, type Configs } from '../config/parse-config.js';
import { policyText } from '../config/policy-file.js';
import type { Surroundings } from '../config/read-values.js';
import { COMMANDS, PROGRAMS, type Program } from '../config/setting.js';
import { Refusal } from '../domain/errors.js';
import { findEngines } from '../engines/catalog.js';
import { loadContract } from '../rpc/contract.js';
import { untilSignal } from '../runtime/lifecycle.js';
import { OpenError } from '../store/sqlite/store.js';
import { startBridge } from './bridge.js';
import { makeDataDirectory } from './data-directory.js';
import { createEnvironment, type Environment } from './environment.js';
import { logMissing, startMiner } from './miner.js';
import { loadPolicy } from './policy.js';
import { startProxy } from './proxy.js';
import { StartError } from './start-error.js';
import { openSubnet } from './subnet.js';
import { startUp } from './up.js';
import { startValidator } from './validator.js';
import { VERSION } from './version.js';
import { runWallet } from './wallet.js';

/** Starts a program; what it returns is printed. */
const STARTERS: {
  readonly [P in Program]: (config: Configs[P], env: Environment) => Promise<string | undefined>;
} = {
  up: startUp,
  async proxy(config, env) {
    await startProxy(config, { subnet: await openSubnet(config, env), contract: loadContract() }, env);
    return undefined;
  },
  async bridge(config, env) {
    await startBridge(config, env);
    return undefined;
  },
  async validator(config, env) {
    await startValidator(config, await openSubnet(config, env), env);
    return undefined;
  },
  async miner(config, env) {
    const catalog = await findEngines();
    logMissing(catalog, env);
    const subnet = await openSubnet(config, env);
    await startMiner(config, { contract: loadContract(), catalog, subnet }, env);
    return undefined;
  },
};

/** Exit codes: 0 stopped when asked to, 1 could not start or broke, 2 wrong usage. */
async function main([command, ...argv]: readonly string[]): Promise<number> {
  if (command === '--version') {
    print(VERSION);
    return 0;
  }
  if (command === 'wallet') {
    print(await runWallet(argv, surroundings()));
    return 0;
  }
  if (command === 'policy') {
    printPolicy(argv);
    return 0;
  }
  const program = PROGRAMS.find((name) => name === command);
  if (program === undefined) {
    const asked = command === undefined || command === '--help' || command === 'help';
    if (asked) print(usage());
    else complain(`unknown command ${command}\n\n${usage()}`);
    return asked ? 0 : 2;
  }
  return run(program, argv);
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

// What grpc-js would write on standard error by itself arrives here as an error of the call as well.
setLogVerbosity(logVerbosity.NONE);
process.exit(await main(process.argv.slice(2)).catch(exitCodeOf));
