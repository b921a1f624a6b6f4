import { expect } from 'chai';
import type { Caller, Credentials } from '../../../src/auth/identify.js';
import { newKeyId, newKeyText } from '../../../src/auth/key-text.js';
import { openTestKeys, type Keys } from '../../support/keyed-proxy.js';
import { refused } from '../../support/refused.js';
import { ManualClock } from '../validator/manual-clock.js';

const showing = (...apiKey: readonly string[]): Credentials => ({
  authorization: [],
  apiKey,
  peer: '',
  isFromOutside: false,
});
const NOTHING = showing();

describe('Keyring', () => {
  let clock: ManualClock;
  let keys: Keys;

  const identify = async (credentials: Credentials): Promise<Caller | undefined> =>
    keys.keyring.identify(credentials);
  const scopes = (caller: Caller | undefined) => caller && [...caller.scopes].join();

  beforeEach(async () => {
    clock = new ManualClock();
    keys = await openTestKeys({ allowed: false, onLoopback: true }, clock);
  });
  afterEach(() => keys.close());

  describe('before the first key', () => {
    it('lets everyone do all but administer, whatever they show', async () => {
      const shown = [
        NOTHING,
        showing('sk-of-somebody-else'),
        showing('a', 'b'),
        showing(newKeyText(newKeyId())),
        { ...NOTHING, authorization: ['Basic dTpw'] },
      ];
      for (const credentials of shown) {
        const caller = await identify(credentials);
        expect(caller?.owner).to.equal('anonymous');
        expect(scopes(caller)).to.equal('submit,read,validate');
      }
    });

    it('lets none in through a bridge that others reach', async () => {
      expect(await identify({ ...NOTHING, isFromOutside: true })).to.equal(undefined);
      expect(await identify({ ...showing('sk-of-somebody-else'), isFromOutside: true })).to.equal(undefined);
    });

    it('knows the first key at once', async () => {
      const { id, text } = await keys.create('read');
      expect((await identify(showing(text)))?.owner).to.equal(`key:${id}`);
    });

    it('sends those without a key away soon after the first one is made', async () => {
      let isSentAway = false;
      (await identify(NOTHING))?.onRevoked?.(() => (isSentAway = true));
      await keys.create('read');
      await clock.advance(250);
      expect(isSentAway).to.equal(true);
      expect(await identify(NOTHING)).to.equal(undefined);
    });

    it('knows the key that it lends, whose holder stays when others are made', async () => {
      const text = keys.keyring.lend('up', ['validate']);
      const caller = await identify(showing(text));
      expect(caller?.owner).to.equal('up');
      let isSentAway = false;
      caller?.onRevoked?.(() => (isSentAway = true));
      await keys.create('read');
      await clock.advance(250);
      expect(isSentAway).to.equal(false);
      expect(scopes(await identify(showing(text)))).to.equal('validate');
    });
  });

  it('answers without a promise for a key that it knows', async () => {
    const { text } = await keys.create('read');
    await clock.advance(250);
    expect(keys.keyring.identify(showing(text))).not.to.be.instanceOf(Promise);
    expect(keys.keyring.identify(showing(text))).not.to.be.instanceOf(Promise);
  });

  it('takes a key from either header, and from both when they agree', async () => {
    const { id, text } = await keys.create('read');
    for (const authorization of [[], [`Bearer ${text}`], [`bearer  ${text} `]])
      for (const apiKey of [[], [text]]) {
        if (authorization.length + apiKey.length === 0) continue;
        expect((await identify({ ...NOTHING, authorization, apiKey }))?.owner).to.equal(`key:${id}`);
      }
  });

  it('refuses what is no key, without repeating it', async () => {
    const { text } = await keys.create('read');
    const other = await keys.create('read');
    await clock.advance(250);
    const table: readonly (readonly [Credentials, RegExp])[] = [
      [showing('sk-secret'), /is not known$/],
      [showing(`${text}x`), /mistyped/],
      [showing(newKeyText(newKeyId())), /not known, or was revoked/],
      [showing(text, other.text), /more than one/],
      [{ ...showing(text), authorization: [`Bearer ${other.text}`] }, /more than one/],
      [{ ...NOTHING, authorization: ['Basic dTpw'] }, /must be Bearer/],
      [showing(''), /empty/],
    ];
    for (const [credentials, why] of table) {
      const refusal = await refused(identify(credentials));
      expect(refusal.reason).to.equal('UNAUTHENTICATED');
      expect(refusal.message).to.match(why);
      for (const secret of [...credentials.apiKey, ...credentials.authorization])
        if (secret !== '') expect(refusal.message).not.to.include(secret);
    }
  });

  it('gives an admin every scope', async () => {
    const { text } = await keys.create('admin');
    expect(scopes(await identify(showing(text)))).to.equal('submit,read,validate,admin');
  });

  it('sends the holder of a key away within a second of its end, and no other', async () => {
    const one = await keys.create('read');
    const other = await keys.create('read');
    const sentAway: string[] = [];
    for (const { id, text } of [one, other])
      (await identify(showing(text)))?.onRevoked?.(() => sentAway.push(id));
    await keys.revoke(one.id);
    await clock.advance(1_000);
    expect(sentAway).to.deep.equal([one.id]);
    await refused(identify(showing(one.text)));
    expect((await identify(showing(other.text)))?.owner).to.equal(`key:${other.id}`);
  });

  it('still refuses everyone without a key when every key was revoked', async () => {
    const { id } = await keys.create('read');
    await keys.revoke(id);
    await clock.advance(250);
    expect(await identify(NOTHING)).to.equal(undefined);
    await refused(identify(showing('sk-of-somebody-else')));
  });

  it('keeps the owner of a key that is rotated, and ends the secret before at once', async () => {
    const { id, text } = await keys.create('read');
    expect((await identify(showing(text)))?.owner).to.equal(`key:${id}`);
    const renewed = await keys.rotate(id, 0);
    expect((await identify(showing(renewed)))?.owner).to.equal(`key:${id}`);
    await clock.advance(250);
    await refused(identify(showing(text)));
  });

  it('lets both secrets count until the grace time is over', async () => {
    const { id, text } = await keys.create('read');
    const renewed = await keys.rotate(id, 10_000);
    await clock.advance(9_000);
    let isSentAway = false;
    (await identify(showing(text)))?.onRevoked?.(() => (isSentAway = true));
    for (const key of [text, renewed]) expect((await identify(showing(key)))?.owner).to.equal(`key:${id}`);
    await clock.advance(1_250);
    expect(isSentAway).to.equal(true);
    await refused(identify(showing(text)));
    expect((await identify(showing(renewed)))?.owner).to.equal(`key:${id}`);
  });

  it('forgets who took its wish to be told back', async () => {
    const { id, text } = await keys.create('read');
    let isSentAway = false;
    (await identify(showing(text)))?.onRevoked?.(() => (isSentAway = true))();
    await keys.revoke(id);
    await clock.advance(250);
    expect(isSentAway).to.equal(false);
  });
});

describe('Keyring of a proxy that lets anonymous callers in', () => {
  it('lets them submit and read beside keys, but nobody in with a wrong one', async () => {
    const clock = new ManualClock();
    const keys = await openTestKeys({ allowed: true, onLoopback: false }, clock);
    await keys.create('admin');
    await clock.advance(250);
    const caller = await keys.keyring.identify(NOTHING);
    expect(caller && [...caller.scopes].join()).to.equal('submit,read');
    await refused((async () => keys.keyring.identify(showing('sk-wrong')))());
    await keys.close();
  });
});
