import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createHashKey, ensureKeySecret } from '../../../src/auth/key-secret.js';

describe('the secret of the key hashes', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audio-subnet-secret-'));
    file = join(folder, 'keys.secret');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the same for all who make it at once, 32 bytes for its owner alone', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => ensureKeySecret(file)));
    expect(new Set(made.map((secret) => Buffer.from(secret).toString('hex'))).size).to.equal(1);
    expect(made[0]).to.have.length(32);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await readdir(folder)).to.deep.equal(['keys.secret']);
  });

  it('is refused when it is not whole', async () => {
    await writeFile(file, 'short');
    const error = await ensureKeySecret(file).catch((caught: unknown) => caught);
    expect(String(error)).to.match(/must hold 32 bytes, not 5/);
  });

  it('decides the hash', () => {
    const one = createHashKey(Buffer.alloc(32, 1));
    expect(one('text'))
      .to.match(/^[0-9a-f]{64}$/)
      .and.equal(one('text'));
    expect(createHashKey(Buffer.alloc(32, 2))('text')).not.to.equal(one('text'));
  });
});
