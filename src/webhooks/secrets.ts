import { randomBytes } from 'node:crypto';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { Refusal } from '../domain/errors.js';
import type { Logger } from '../runtime/logger.js';
import { messageOf } from '../runtime/message-of.js';
import { codeOf, exposedMode, readSecretFile } from '../wallet/secret-file.js';
import type { Sign } from './message.js';

const PREFIX = 'whsec_';
/** Standard Webhooks: 24 to 64 random bytes. */
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const NEW_KEY_BYTES = 32;
/** Two while one takes the other's place. */
const MAX_SECRETS = 2;

export interface SecretsOptions {
  readonly file: string;
  /** Makes the file with a new secret when it is not there. */
  readonly make: boolean;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** The secrets that webhooks are signed with, read again when their file changes. */
export class Secrets {
  readonly #options: SecretsOptions;
  #version: string;
  #sign: Sign;

  private constructor(options: SecretsOptions, { version, sign }: Read) {
    this.#options = options;
    this.#version = version;
    this.#sign = sign;
  }

  /** @throws Refusal INVALID_FIELD with the file and what is wrong, never with what it holds */
  static async open(options: SecretsOptions): Promise<Secrets> {
    if (options.make) await makeMissing(options);
    const mode = await exposedMode(options.file);
    if (mode !== undefined)
      options.log.warn({ file: options.file, mode }, 'others can read the webhook secret: chmod it to 0600');
    return new Secrets(options, await read(options.file));
  }

  /** Signs with what the file holds now; with what it last held when it cannot be used. One stat a call. */
  async signer(): Promise<Sign> {
    const version = await versionOf(this.#options.file);
    if (version === this.#version) return this.#sign;
    this.#version = version;
    try {
      this.#sign = (await read(this.#options.file)).sign;
      this.#options.log.info({ file: this.#options.file }, 'webhook secrets were read again');
    } catch (error) {
      this.#options.log.warn({ err: messageOf(error) }, 'webhooks are signed with the former secrets');
    }
    return this.#sign;
  }
}

interface Read {
  readonly version: string;
  readonly sign: Sign;
}

async function read(file: string): Promise<Read> {
  const version = await versionOf(file);
  const secrets = parse(file, (await readSecretFile(file)).toString('utf8'));
  const signers = secrets.map((secret) => new Webhook(secret));
  return {
    version,
    sign: (id, time, body) => signers.map((signer) => signer.sign(id, time, body)).join(' '),
  };
}

function parse(file: string, text: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0 || lines.length > MAX_SECRETS || !lines.every(isSecret))
    throw new Refusal(
      'INVALID_FIELD',
      `${file}: must hold one or two lines, each ${PREFIX} and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes`,
    );
  return lines;
}

function isSecret(line: string): boolean {
  if (!line.startsWith(PREFIX)) return false;
  const text = line.slice(PREFIX.length);
  const key = Buffer.from(text, 'base64');
  return /^[A-Za-z0-9+/]+=*$/.test(text) && key.length >= MIN_KEY_BYTES && key.length <= MAX_KEY_BYTES;
}

/** What differs when a file was written or replaced; empty when it is not there. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}

/** Never writes over a file. */
async function makeMissing({ file, log }: SecretsOptions): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const made = await open(file, 'wx', 0o600);
    try {
      await made.writeFile(`${PREFIX}${randomBytes(NEW_KEY_BYTES).toString('base64')}\n`);
      await made.sync();
    } finally {
      await made.close();
    }
    log.info({ file }, 'made a secret that webhooks are signed with; receivers verify with it');
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return;
    throw new Refusal('INVALID_FIELD', `${file}: cannot be made (${codeOf(cause)})`, { cause });
  }
}
