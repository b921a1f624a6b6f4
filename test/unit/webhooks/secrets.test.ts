import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { Secrets } from '../../../src/webhooks/secrets.js';

const secret = (fill: number, bytes = 32) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
const TIME = new Date();

describe('Secrets', () => {
  let folder: string;
  let file: string;
  let logged: string[];
  const log = {
    info: (...line: unknown[]) => void logged.push(`info ${JSON.stringify(line)}`),
    warn: (...line: unknown[]) => void logged.push(`warn ${JSON.stringify(line)}`),
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-secrets-'));
    file = join(folder, 'deeper', 'webhook-secret');
    logged = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const headers = (signature: string) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(TIME.getTime() / 1000)),
    'webhook-signature': signature,
  });

  async function given(text: string): Promise<Secrets> {
    file = join(folder, 'given');
    await writeFile(file, text, { mode: 0o600 });
    return Secrets.open({ file, make: false, log });
  }

  it('makes one that only its owner may read, keeps it, and tells where it is but not what', async () => {
    const first = await Secrets.open({ file, make: true, log });
    const text = await readFile(file, 'utf8');
    expect(text).to.match(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include(file).and.not.include(text.trim().slice(6));
    const again = await Secrets.open({ file, make: true, log });
    expect(await readFile(file, 'utf8')).to.equal(text);
    expect((await again.signer())('msg_1', TIME, '{}')).to.equal((await first.signer())('msg_1', TIME, '{}'));
    expect(logged).to.have.length(1);
  });

  it('signs with two during a rotation, and each receiver verifies with its own', async () => {
    const secrets = await given(`${secret(1)}\n\n  ${secret(2)}  \n`);
    const signature = (await secrets.signer())('msg_1', TIME, '{"a":1}');
    for (const fill of [1, 2])
      expect(new Webhook(secret(fill)).verify('{"a":1}', headers(signature))).to.deep.equal({ a: 1 });
    expect(() => new Webhook(secret(3)).verify('{"a":1}', headers(signature))).to.throw();
    expect(() => new Webhook(secret(1)).verify('{"a":2}', headers(signature))).to.throw();
  });

  it('takes up a changed file, and keeps what it has while that cannot be used', async () => {
    const secrets = await given(secret(1));
    await writeFile(file, `${secret(2)}\n${secret(1)}`);
    const both = (await secrets.signer())('msg_1', TIME, '{}');
    expect(both.split(' ')).to.have.length(2);
    expect(new Webhook(secret(2)).verify('{}', headers(both))).to.deep.equal({});
    await writeFile(file, 'nothing of the kind');
    expect((await secrets.signer())('msg_1', TIME, '{}')).to.equal(both);
    await rm(file);
    expect((await secrets.signer())('msg_1', TIME, '{}')).to.equal(both);
    expect(logged.map((line) => line.split(' ')[0])).to.deep.equal(['info', 'warn', 'warn']);
    expect(logged.join()).to.not.include('nothing of the kind');
  });

  it('warns of a file that others may read', async () => {
    await given(secret(1));
    await chmod(file, 0o644);
    await Secrets.open({ file, make: false, log });
    expect(logged.join()).to.include('warn').and.include('0644');
  });

  it('refuses a file that holds no secrets, in one line that does not show it', async () => {
    for (const text of [
      '',
      '\n',
      'hunter2hunter2hunter2hunter2hunter2',
      secret(1, 23),
      secret(1, 65),
      `${secret(1)}!`,
      `whsec_`,
      [1, 2, 3].map((fill) => secret(fill)).join('\n'),
    ]) {
      const error: unknown = await given(text).catch((cause: unknown) => cause);
      expect(error, text).to.be.instanceOf(Error);
      expect((error as Error).message).to.include(`${file}: must hold one or two lines`);
      if (text.length > 6) expect((error as Error).message).to.not.include(text.slice(6, 20));
    }
  });

  it('refuses a file that is not there, or cannot be made', async () => {
    const none = join(folder, 'none');
    const missing: unknown = await Secrets.open({ file: none, make: false, log }).catch((e: unknown) => e);
    expect((missing as Error).message).to.equal(`${none}: cannot be read (ENOENT)`);
    await writeFile(none, '');
    const below: unknown = await Secrets.open({ file: join(none, 'x'), make: true, log }).catch(
      (e: unknown) => e,
    );
    expect((below as Error).message).to.match(/: cannot be (read|made) \(ENOTDIR\)$/);
  });
});
