import { expect } from 'chai';
import { readRequestHeaders, type HeaderValues } from '../../../src/axon/request-headers.js';
import { Refusal } from '../../../src/domain/errors.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import { isSignedBy, signaturesReady } from '../../../src/wallet/sign.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Hotkey;
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
/** Signed by the SDK with the development key of Alice for Bob. */
const SIGNED: Readonly<Record<string, string>> = {
  timeout: '12.0',
  bt_header_dendrite_version: '10002000',
  bt_header_dendrite_nonce: '1700000000000000000',
  bt_header_dendrite_uuid: '5ecbd69c-1cec-11ee-b0dc-e29ce36fec1a',
  bt_header_dendrite_hotkey: ALICE,
  bt_header_dendrite_signature:
    '0x88d8aebb41ac1c0fe9f2c5606d94e863044200afa582e85dcad123546c82676b05210ec4a8c0e10c0987cd2cbffef4d9847b5b2660f09d6875deb838c010d98d',
  computed_body_hash: 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a',
};

const headersOf = (changed: HeaderValues = {}): HeaderValues => ({
  ...Object.fromEntries(Object.entries(SIGNED).map(([name, value]) => [name, [value]])),
  ...changed,
});

function reasonOf(changed: HeaderValues): string {
  try {
    readRequestHeaders(headersOf(changed), BOB);
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return 'read';
}

describe('readRequestHeaders()', () => {
  before(signaturesReady);

  it('gives the text that the SDK signed', () => {
    const { claim, timeoutMs } = readRequestHeaders(headersOf(), BOB);
    expect(isSignedBy(ALICE, claim.message, claim.signature)).to.equal(true);
    expect(claim.nonceNs).to.equal(1_700_000_000_000_000_000n);
    expect(timeoutMs).to.equal(12_000);
  });

  it('gives another text for another axon, so that the signature does not hold', () => {
    const { claim } = readRequestHeaders(headersOf(), ALICE);
    expect(isSignedBy(ALICE, claim.message, claim.signature)).to.equal(false);
  });

  for (const name of Object.keys(SIGNED).filter((name) => name !== 'timeout')) {
    it(`refuses a question without ${name}, with two and with one that is hostile`, () => {
      expect(reasonOf({ [name]: undefined })).to.equal('UNAUTHENTICATED');
      expect(reasonOf({ [name]: [SIGNED[name]!, SIGNED[name]!] })).to.equal('UNAUTHENTICATED');
      for (const hostile of [
        '',
        ' 1',
        'x'.repeat(100_000),
        'é\u0000\ufffd',
        `${SIGNED[name]!}.1`,
        '__proto__ ',
      ])
        expect(reasonOf({ [name]: [hostile] }), JSON.stringify(hostile.slice(0, 20))).to.equal(
          'UNAUTHENTICATED',
        );
    });
  }

  it('refuses a version before nonces were times', () => {
    expect(reasonOf({ bt_header_dendrite_version: ['7001999'] })).to.equal('UNAUTHENTICATED');
  });

  it('refuses a timeout that is no number', () => {
    for (const timeout of [undefined, ['nan'], ['-1'], ['1e9'], ['9'.repeat(10_000)], ['1', '2']])
      expect(reasonOf({ timeout })).to.equal('MALFORMED_MESSAGE');
  });

  it('caps the timeout at two hours', () => {
    expect(readRequestHeaders(headersOf({ timeout: ['999999999'] }), BOB).timeoutMs).to.equal(7_200_000);
  });
});
