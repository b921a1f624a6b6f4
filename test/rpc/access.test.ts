import { Client, credentials, Metadata, status as Code } from '@grpc/grpc-js';
import { expect } from 'chai';
import { ACCESS_RULES } from '../../src/auth/access-rules.js';
import { createAdmit } from '../../src/auth/admit.js';
import { newKeyId, newKeyText } from '../../src/auth/key-text.js';
import { Refusal } from '../../src/domain/errors.js';
import { ANONYMOUS } from '../../src/domain/ids.js';
import { allowedBy, SCOPES, type Scope } from '../../src/domain/scope.js';
import { contract } from '../support/grpc-proxy.js';
import { openKeyedProxy, type KeyedProxy } from '../support/keyed-proxy.js';

interface Answer {
  readonly code: Code;
  readonly details: string;
}

const LETS_IN: Answer = { code: Code.OK, details: '' };

/** Every method of the contract that a server of ours has, `package.Service/Method`. */
function methods(): readonly string[] {
  const { registry } = contract().image;
  return [...registry]
    .filter((type) => type.kind === 'service')
    .flatMap((service) => service.methods.map(({ name }) => `${service.typeName}/${name}`));
}

describe('access to every method of the contract', () => {
  let proxy: KeyedProxy;
  let client: Client;
  const keys = new Map<Scope, string>();

  before(async () => {
    proxy = await openKeyedProxy();
    for (const scope of SCOPES) keys.set(scope, (await proxy.keys.create(scope)).text);
    client = new Client(proxy.address, credentials.createInsecure());
    // The first key ends the service without one.
    await ask('audiosubnet.v1.TaskService/ListTasks', keys.get('read'));
  });
  after(async () => {
    client.close();
    await proxy.close();
  });

  /** Sends an empty request; one that is answered, be it with what is wrong with the request, was let in. */
  const ask = (method: string, key?: string): Promise<Answer> => {
    const metadata = new Metadata();
    if (key !== undefined) metadata.set('x-api-key', key);
    const same = (bytes: Buffer) => bytes;
    // On the wire every kind of method is a stream of one message in each direction.
    const call = client.makeBidiStreamRequest(`/${method}`, same, same, metadata);
    return new Promise((resolve) => {
      call.on('data', () => {
        resolve(LETS_IN);
        call.cancel();
      });
      call.on('error', () => undefined);
      call.on('status', ({ code, details }) => {
        resolve(
          code === Code.UNAUTHENTICATED || code === Code.PERMISSION_DENIED ? { code, details } : LETS_IN,
        );
      });
      call.write(Buffer.alloc(0));
      call.end();
    });
  };

  it('has a rule for each and for no other', () => {
    expect(Object.keys(ACCESS_RULES).sort()).to.deep.equal([...methods()].sort());
  });

  for (const method of methods()) {
    const rule = ACCESS_RULES[method];
    if (method.startsWith('audiosubnet.v1.MinerSynapse/')) continue;
    it(`to ${method} is for ${String(rule)}`, async () => {
      expect(rule, 'it needs a rule in ACCESS_RULES').not.to.equal(undefined);
      const isOpen = rule === 'open' || rule === 'public';
      const anonymous = await ask(method);
      expect(anonymous.code).to.equal(isOpen ? Code.OK : Code.UNAUTHENTICATED);
      const wrong = await ask(method, newKeyText(newKeyId()));
      expect(wrong.code).to.equal(rule === 'open' ? Code.OK : Code.UNAUTHENTICATED);
      for (const [scope, key] of keys) {
        const letsIn = isOpen || scope === 'admin' || [rule].flat().includes(scope);
        const { code, details } = await ask(method, key);
        expect(code, scope).to.equal(letsIn ? Code.OK : Code.PERMISSION_DENIED);
        if (!letsIn) expect(details).to.include([rule].flat().join(' or '));
      }
    });
  }

  it('is for nobody where there is no rule', () => {
    const admit = createAdmit(undefined, () => ({ owner: ANONYMOUS, scopes: allowedBy(['admin']) }));
    expect(() => admit({ authorization: [], apiKey: [], peer: '', isFromOutside: false })).to.throw(
      Refusal,
      /no access rule/,
    );
  });

  describe('where the request decides', () => {
    const LEASE = 'ab'.repeat(16);
    const SHA256 = 'cd'.repeat(32);
    const empty = async function* () {
      yield await Promise.resolve(Buffer.from('x'));
    };
    const reasonOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'OK',
        (error: unknown) => (error as { reason: string }).reason,
      );
    const upload = (scope: Scope, leaseToken: string) =>
      reasonOf(
        proxy
          .as(keys.get(scope))
          .content.uploadContent(empty(), { offset: 0n, leaseToken, sha256: '', sizeBytes: undefined }),
      );
    const download = (scope: Scope, leaseToken: string) =>
      reasonOf(
        proxy
          .as(keys.get(scope))
          .content.downloadContent({ sha256: SHA256, offset: 0n, maxBytes: 0n, leaseToken })
          [Symbol.asyncIterator]()
          .next(),
      );

    it('takes uploads of who submits, and under a lease of who validates', async () => {
      expect(await upload('submit', '')).to.equal('OK');
      expect(await upload('validate', '')).to.equal('PERMISSION_DENIED');
      expect(await upload('submit', LEASE)).to.equal('PERMISSION_DENIED');
      expect(await upload('validate', LEASE)).to.equal('LEASE_LOST');
    });

    it('gives content to who reads, and under a lease to who validates', async () => {
      expect(await download('read', '')).to.equal('CONTENT_NOT_FOUND');
      expect(await download('validate', '')).to.equal('PERMISSION_DENIED');
      expect(await download('read', LEASE)).to.equal('PERMISSION_DENIED');
      expect(await download('validate', LEASE)).to.equal('LEASE_LOST');
    });

    it('shows waiting tasks to who validates alone', async () => {
      const { task } = await proxy.as(keys.get('submit')).tasks.submitTask({
        requestId: '',
        task: {
          kind: { $case: 'tts', value: { text: 'Hello', voice: '' } },
          language: 'en',
          priority: 0,
          maxAttempts: 0,
          callbackUrl: '',
          maxRunTime: undefined,
          expireAfter: undefined,
        },
      });
      const pending = async (key: string | undefined) =>
        (await proxy.as(key).validators.getIntegrationInfo({ maxPendingTasks: 0 })).pendingTasks.map(
          ({ taskId }) => taskId,
        );
      expect(await pending(keys.get('validate'))).to.deep.equal([task?.id]);
      expect(await pending(keys.get('read'))).to.deep.equal([]);
      expect(await pending(undefined)).to.deep.equal([]);
    });
  });
});
