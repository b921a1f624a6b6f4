import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { decryptText } from '../../src/wallet/encrypted-file.js';
import { parseHotkey } from '../../src/wallet/hotkey-json.js';
import { rejection } from '../unit/validator/rejection.js';

// Written by btwallet 4.0.1.
const FILE = new URL('../../../test/fixtures/wallet/encrypted-hotkey.base64', import.meta.url);
const PASSWORD = 'correct horse battery';
const ADDRESS = '5DSSS3e4HKexFhGpwZqJKaRMxyeFjqkxQWrg2q1sP3bQRoLA';

describe('an encrypted hotkey file', function () {
  // The format wants 5 to 6 s of work for a password.
  this.timeout(60_000);
  let data: Buffer;

  before(async () => {
    data = Buffer.from(await readFile(FILE, 'latin1'), 'base64');
  });

  it('gives its key under its password', async () => {
    const text = await decryptText('hot', data, () => Promise.resolve(PASSWORD));
    expect((await parseHotkey('hot', text)).address).to.equal(ADDRESS);
  });

  it('is refused under another one, which the error does not repeat', async () => {
    const error = await rejection(decryptText('hot', data, () => Promise.resolve('staple')));
    expect(error.reason).to.equal('INVALID_FIELD');
    expect(error.message).to.equal('hot: the password is wrong, or the file is damaged');
  });
});
