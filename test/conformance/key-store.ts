import { expect } from 'chai';
import type { KeyStore, NewKey } from '../../src/auth/key-store.js';

export interface KeyStoreUnderTest {
  readonly store: KeyStore;
  /** The same keys, as another process opens them. */
  readonly beside: KeyStore;
  dispose(): Promise<void>;
}

const key = (id: string, createMs = 1_000): NewKey => ({
  id,
  name: `key ${id}`,
  scopes: ['submit', 'read'],
  createMs,
  hash: `hash of ${id}`,
});

/** What every store of keys promises. */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreUnderTest>): void {
  describe(`${name} keeps API keys`, () => {
    let store: KeyStore;
    let beside: KeyStore;
    let opened: KeyStoreUnderTest;

    beforeEach(async () => {
      opened = await open();
      ({ store, beside } = opened);
    });
    afterEach(() => opened.dispose());

    const secretsOf = async (id: string) =>
      (await store.list()).find((stored) => stored.id === id)?.secrets.map(({ hash }) => hash);

    it('and lists them, oldest first, to others too', async () => {
      await store.create(key('b', 2_000));
      await store.create(key('a', 1_000));
      const { hash, ...rest } = key('a');
      expect((await beside.list())[0]).to.deep.equal({ ...rest, secrets: [{ hash }] });
      expect((await beside.list()).map(({ id }) => id)).to.deep.equal(['a', 'b']);
    });

    it('without two of one id or one hash', async () => {
      await store.create(key('a'));
      const again = await store.create(key('a')).catch((error: unknown) => error);
      expect(again).to.be.instanceOf(Error);
      const same = await store.create({ ...key('b'), hash: 'hash of a' }).catch((error: unknown) => error);
      expect(same).to.be.instanceOf(Error);
      expect((await store.list()).map(({ id }) => id)).to.deep.equal(['a']);
    });

    it('and ends one by revoking it, once', async () => {
      await store.create(key('a'));
      await store.create(key('b'));
      expect(await beside.revoke('a', 3_000)).to.equal('changed');
      expect(await store.revoke('a', 4_000)).to.equal('revoked');
      expect(await store.revoke('c', 4_000)).to.equal('not_found');
      const [revoked, other] = await store.list();
      expect(revoked).to.include({ id: 'a', revokeMs: 3_000 });
      expect(revoked?.secrets).to.deep.equal([]);
      expect(other?.secrets).to.have.length(1);
    });

    it('and gives one a new secret in place of the one before', async () => {
      await store.create(key('a'));
      const rotation = { id: 'a', hash: 'new', nowMs: 5_000, expireMs: 5_000 };
      expect(await store.rotate(rotation)).to.equal('changed');
      expect(await secretsOf('a')).to.deep.equal(['new']);
      expect((await store.list())[0]).to.include({ createMs: 1_000, rotateMs: 5_000 });
    });

    it('and lets the one before count for a time, which no later rotation lengthens', async () => {
      await store.create(key('a'));
      await store.rotate({ id: 'a', hash: 'second', nowMs: 5_000, expireMs: 6_000 });
      await store.rotate({ id: 'a', hash: 'third', nowMs: 5_500, expireMs: 9_000 });
      expect((await store.list())[0]?.secrets).to.deep.equal([
        { hash: 'third' },
        { hash: 'hash of a', expireMs: 6_000 },
        { hash: 'second', expireMs: 9_000 },
      ]);
      await store.rotate({ id: 'a', hash: 'fourth', nowMs: 7_000, expireMs: 7_000 });
      expect(await secretsOf('a')).to.deep.equal(['fourth']);
    });

    it('and gives a revoked one no new secret', async () => {
      await store.create(key('a'));
      await store.revoke('a', 2_000);
      const rotation = { id: 'a', hash: 'new', nowMs: 5_000, expireMs: 5_000 };
      expect(await store.rotate(rotation)).to.equal('revoked');
      expect(await store.rotate({ ...rotation, id: 'b' })).to.equal('not_found');
      expect(await secretsOf('a')).to.deep.equal([]);
    });

    it('and tells of what others change by its version', async () => {
      const before = await store.version();
      expect(await store.version()).to.equal(before);
      await beside.create(key('a'));
      const created = await store.version();
      expect(created).not.to.equal(before);
      await beside.revoke('a', 2_000);
      expect(await store.version()).not.to.equal(created);
    });
  });
}
