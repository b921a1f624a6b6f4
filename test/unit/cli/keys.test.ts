import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { newKeyId, newKeyText } from '../../../src/auth/key-text.js';
import { runKeys } from '../../../src/cli/keys.js';
import { openKeyring } from '../../../src/cli/open-keys.js';
import { parseConfig } from '../../../src/config/parse-config.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { Lifecycle } from '../../../src/runtime/lifecycle.js';

const messageOf = (error: unknown) => (error as Error).message;

describe('audio-subnet keys', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'audio-subnet-keys-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const surroundings = (env: Readonly<Record<string, string>> = {}) => ({
    env: { AUDIO_SUBNET_DATA_DIR: dataDir, ...env },
    home: dataDir,
    readFile: () => '{}',
  });
  const keys = (...argv: readonly string[]) => runKeys(argv, surroundings());
  const refused = (...argv: readonly string[]) => keys(...argv).then((text) => `printed ${text}`, messageOf);
  const idOf = (text: string) => text.slice(5, 15);

  it('says that there are none', async () => {
    expect(await keys('list')).to.include('There are no API keys');
    expect(await keys('list', '--json')).to.equal('[]');
  });

  it('prints a new key alone, and lists it without what proves it', async () => {
    const text = await keys('create', '--name', 'my app', '--scope', 'admin,read,read');
    expect(text).to.match(/^asub_\w{60}$/);
    const [key] = JSON.parse(await keys('list', '--json')) as Record<string, unknown>[];
    expect(key).to.include({ id: idOf(text), name: 'my app', revoke_time: null });
    expect(key?.['scopes']).to.deep.equal(['read', 'admin']);
    expect(await keys('list')).not.to.include(text.slice(16));
    expect(JSON.stringify(key)).not.to.include(text.slice(16));
  });

  it('rotates and revokes by the id', async () => {
    const id = idOf(await keys('create', '--name', 'app'));
    const renewed = await keys('rotate', id, '--grace', '60');
    expect(idOf(renewed)).to.equal(id);
    expect(await keys('list')).to.include('the secret before still counts');
    expect(await keys('revoke', id)).to.equal(`Key ${id} is revoked.`);
    expect(await keys('revoke', id)).to.equal(`Key ${id} was revoked before.`);
    expect(await keys('list')).to.match(/ revoked \d{4}-\d\d-\d\d$/);
    expect(await refused('rotate', id)).to.equal(`key ${id} is revoked: create another one`);
  });

  it('tells in one line what is wrong, and repeats no key', async () => {
    const text = newKeyText(newKeyId());
    expect(await refused('create')).to.match(/needs --name/);
    expect(await refused('create', '--name', 'a', '--scope', 'write')).to.match(
      /--scope write: must be scopes/,
    );
    expect(await refused('remove')).to.match(/create, list, revoke or rotate/);
    expect(await refused('revoke')).to.match(/needs the id of a key/);
    expect(await refused('revoke', '0123456789')).to.match(/there is no key 0123456789/);
    const repeated = await refused('revoke', text);
    expect(repeated)
      .to.match(/needs the id of a key/)
      .and.not.include(text);
  });

  describe('of a proxy', () => {
    const start = async (...argv: readonly string[]) => {
      const parsed = parseConfig('proxy', argv, surroundings());
      if (parsed.kind === 'help') throw new Error('no configuration');
      const logged: string[] = [];
      const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
      const lifecycle = new Lifecycle({ clock: systemClock, logger: log, graceMs: 1_000 });
      const env = { clock: systemClock, log, lifecycle, graceMs: 1_000, onFatal: () => undefined };
      try {
        const { anonymousMay } = await openKeyring(parsed.config, env);
        return { anonymousMay: anonymousMay?.join(), log: logged.join('') };
      } finally {
        await lifecycle.stop();
      }
    };
    const PUBLIC = ['--http.host', '0.0.0.0'];

    it('without any lets everyone of this machine in, and says so', async () => {
      const { anonymousMay, log } = await start();
      expect(anonymousMay).to.equal('submit,read,validate');
      expect(log).to.include('audio-subnet keys create');
    });

    for (const host of ['http', 'grpc'])
      it(`without any does not start with --${host}.host elsewhere, and says what to do`, async () => {
        const error = await start(`--${host}.host`, '0.0.0.0').then(() => '', messageOf);
        expect(error).to.include(`--${host}.host 0.0.0.0`).and.include('audio-subnet keys create');
        expect(error).to.include('--auth.allow_anonymous').and.not.include('\n');
      });

    it('without any lets everyone submit and read elsewhere when the operator says so', async () => {
      const { anonymousMay, log } = await start(...PUBLIC, '--auth.allow_anonymous');
      expect(anonymousMay).to.equal('submit,read');
      expect(log).to.include('without an API key');
    });

    it('lets nobody in without one once there was one, and starts elsewhere', async () => {
      const id = idOf(await keys('create', '--name', 'app'));
      await keys('revoke', id);
      for (const flags of [[], PUBLIC]) {
        const { anonymousMay, log } = await start(...flags);
        expect(anonymousMay).to.equal(undefined);
        expect(log).to.equal('');
      }
    });

    it('does not start when their secret is gone', async () => {
      await keys('create', '--name', 'app');
      await rm(join(dataDir, 'keys.secret'));
      expect(await start().then(() => '', messageOf)).to.match(/keys\.secret is gone/);
      expect(await refused('create', '--name', 'other')).to.match(/keys\.secret is gone/);
    });
  });
});

describe('the key that a validator shows', () => {
  const parse = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const parsed = parseConfig('validator', argv, {
      env,
      home: '/home',
      readFile: () => '{"proxy_key": "x"}',
    });
    return parsed.kind === 'config' ? parsed.config.integration.key : undefined;
  };

  it('comes from a file or from the environment, not from both', () => {
    expect(parse([])).to.equal(undefined);
    expect(parse(['--proxy_key_file', 'f'])).to.deep.equal({ kind: 'file', file: 'f' });
    expect(parse([], { AUDIO_SUBNET_PROXY_KEY: 'k' })).to.deep.equal({ kind: 'text', text: 'k' });
    expect(() => parse(['--proxy_key_file', 'f'], { AUDIO_SUBNET_PROXY_KEY: 'k' })).to.throw(/both given/);
  });

  it('is neither a flag nor in a file of settings, and is not repeated', () => {
    expect(() => parse(['--proxy_key', 'k'])).to.throw(/AUDIO_SUBNET_PROXY_KEY/);
    expect(() => parse(['--config', 'c.json'])).to.throw(/AUDIO_SUBNET_PROXY_KEY alone/);
    const twoWords = () => parse([], { AUDIO_SUBNET_PROXY_KEY: 'two words' });
    expect(twoWords).to.throw('the value of AUDIO_SUBNET_PROXY_KEY: must be printable ASCII without spaces');
  });
});
