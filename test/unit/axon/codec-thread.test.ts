import { expect } from 'chai';
import { CodecThread } from '../../../src/axon/codec-thread.js';
import { refused } from '../../support/refused.js';

/** JSON that takes many times its size once it is read. */
const bomb = Buffer.from(`{"output_data":[${'[],'.repeat(3_000_000)}0]}`);
const reply = Buffer.from(
  JSON.stringify({ output_data: Buffer.alloc(300_000, 'a').toString('base64'), pipeline_model: 'm' }),
);

describe('CodecThread', () => {
  let codec: CodecThread;
  beforeEach(() => {
    codec = new CodecThread(32);
  });
  afterEach(() => codec.close());

  it('fails a body that takes too much memory alone', async () => {
    const others = [codec.readReply(reply)];
    const hostile = codec.readReply(bomb);
    others.push(codec.readReply(reply), codec.readReply(reply));
    const { reason, message } = await refused(hostile);
    expect([reason, message]).to.deep.equal(['MALFORMED_MESSAGE', 'the body ended the thread that reads it']);
    for (const { output } of await Promise.all(others)) expect(output?.byteLength).to.equal(300_000);
  });

  it('fails what it has when it is closed', async () => {
    const cut = codec.readReply(reply).catch((error: unknown) => String(error));
    await codec.close();
    expect(await cut).to.equal('Error: the thread was closed');
  });
});
