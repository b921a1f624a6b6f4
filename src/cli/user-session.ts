import { codeOf, readSecretFile } from '../wallet/secret-file.js';
import { AudioSubnetError, createClient, type AudioSubnetClient } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import { parseConfig, type Configs } from '../config/parse-config.js';
import type { Surroundings } from '../config/read-values.js';
import type { UserCommand } from '../config/setting.js';
import type { UserConfig } from '../config/user.js';
import { untilSignal } from '../runtime/lifecycle.js';
import { messageOf } from '../runtime/message-of.js';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.js';
import { ProgressLine } from './progress-line.js';

/** What a command for people works with. */
export interface UserSession {
  readonly client: AudioSubnetClient;
  readonly progress: ProgressLine;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The task that is waited for, so that who stops waiting learns how to go on. */
  task: string | undefined;
  /** Writes on standard output; resolves when it is out. */
  readonly print: (bytes: string | Uint8Array) => Promise<void>;
  /** Writes a remark for people. */
  readonly remark: (text: string) => void;
}

export type UserAction<Config> = (config: Config, session: UserSession) => Promise<void>;

/**
 * Runs one command for people. @returns its exit code
 *
 * @throws ConfigError for wrong usage
 */
export async function runUserCommand<C extends UserCommand>(
  command: C,
  action: UserAction<Configs[C]>,
  { argv, surroundings }: { readonly argv: readonly string[]; readonly surroundings: Surroundings },
): Promise<ExitCode> {
  const parsed = parseConfig(command, argv, surroundings);
  if (parsed.kind === 'help') {
    await print(`${parsed.text}\n`);
    return EXIT.ok;
  }
  const { config } = parsed;
  const interrupt = new AbortController();
  // It comes with the write that failed as well.
  process.stdout.on('error', () => undefined);
  void untilSignal(['SIGINT', 'SIGTERM']).then(() => interrupt.abort());
  const session: UserSession = {
    client: await openClient(config, surroundings.env),
    progress: new ProgressLine(process.stderr),
    signal: interrupt.signal,
    task: undefined,
    print,
    remark,
  };
  try {
    await action(config, session);
    return EXIT.ok;
  } catch (error) {
    session.progress.clear();
    if (interrupt.signal.aborted) return stopped(session, config);
    return failed(error, config);
  } finally {
    session.progress.clear();
    session.client.close();
  }
}

/** @throws ConfigError for a server or key that cannot be one */
async function openClient(
  { server, keyFile }: UserConfig,
  env: Surroundings['env'],
): Promise<AudioSubnetClient> {
  try {
    const given = env['AUDIO_SUBNET_API_KEY'] ?? '';
    const key = keyFile === undefined ? given : (await readSecretFile(keyFile)).toString('utf8').trim();
    return createClient({ server, apiKey: key === '' ? undefined : key });
  } catch (cause) {
    throw new ConfigError(messageOf(cause), { cause });
  }
}

function stopped({ task }: UserSession, { server }: UserConfig): ExitCode {
  if (task === undefined) remark('stopped before the task was handed in; the same command goes on');
  else remark(`stopped waiting, the task goes on: audio-subnet watch ${task} --server ${server}`);
  return EXIT.interrupted;
}

function failed(error: unknown, { server }: UserConfig): ExitCode {
  if (error instanceof AudioSubnetError) {
    const code = exitCodeOf(error);
    remark(code === EXIT.unreachable ? `${server} does not answer: ${error.message}` : error.message);
    return code;
  }
  // A file that cannot be read or written: the system names it.
  if (error instanceof Error && codeOf(error).startsWith('E') && 'syscall' in error)
    throw new ConfigError(error.message, { cause: error });
  throw error;
}

function print(bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      // Who reads no further has what they want.
      if (error == null || codeOf(error) === 'EPIPE') resolve();
      else reject(error);
    });
  });
}

function remark(text: string): void {
  process.stderr.write(`audio-subnet: ${text}\n`);
}
