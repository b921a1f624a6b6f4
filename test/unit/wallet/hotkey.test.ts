import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import { expect } from 'chai';
import { pino } from 'pino';
import { generateHotkey, type HotkeyPair } from '../../../src/wallet/hotkey.js';

describe('HotkeyPair', () => {
  let pair: HotkeyPair;
  let secrets: readonly string[];

  before(async () => {
    pair = await generateHotkey();
    const { phrase = '', seed = new Uint8Array(), privateKey } = pair.secrets();
    const forms = [seed, privateKey].flatMap((bytes) => [
      Buffer.from(bytes).toString('hex'),
      Buffer.from(bytes).toString('latin1'),
      // As arrays of numbers are printed.
      Array.from(bytes.subarray(0, 8)).join(','),
      Array.from(bytes.subarray(0, 8)).join(', '),
    ]);
    secrets = [phrase, ...forms];
  });

  function hasNoSecret(text: string): void {
    for (const secret of secrets) expect(text.includes(secret), text).to.equal(false);
  }

  it('is its address in JSON', () => {
    expect(JSON.stringify({ pair })).to.equal(`{"pair":{"address":"${pair.address}"}}`);
  });

  it('shows its address when inspected, however deep', () => {
    expect(inspect({ pair })).to.equal(`{ pair: HotkeyPair ${pair.address} }`);
    const all = { showHidden: true, getters: true, depth: null, customInspect: false, maxArrayLength: null };
    hasNoSecret(inspect(pair, all));
  });

  it('has no secret in a log line, as a field or as the line itself', () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => lines.push(line) });
    log.info({ pair }, 'one field');
    log.info(pair, 'the line');
    log.error({ err: Object.assign(new Error('broken'), { pair }) }, 'an error');
    expect(lines).to.have.length(3);
    for (const line of lines) {
      expect(line).to.include(pair.address);
      hasNoSecret(line);
    }
  });

  it('loses its secrets when copied', () => {
    hasNoSecret(inspect(Object.assign({}, pair), { depth: null }));
    hasNoSecret(inspect(structuredClone(pair), { depth: null }));
    hasNoSecret(serialize(pair).toString('latin1'));
  });
});
