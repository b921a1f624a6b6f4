import { expect } from 'chai';
import { bodyHash, UNHASHED_BODY } from '../../../src/axon/body-hash.js';
import { dendriteMessage } from '../../../src/axon/dendrite-signature.js';
import type { Hotkey } from '../../../src/domain/ids.js';
import { isSignedBy, signaturesReady } from '../../../src/wallet/sign.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Hotkey;
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

describe('bodyHash()', () => {
  it("is the SDK's constant when no field is hashed", () => {
    expect(UNHASHED_BODY).to.equal('a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a');
  });

  it('hashes the texts of fields in order', () => {
    expect(bodyHash(['1', '2', "['foobar']"])).to.equal(
      'ae06397d08f30f75c91395c59f05c62ac3b62b88250eb78b109213258e6ced0c',
    );
  });
});

describe('dendriteMessage()', () => {
  const tuple = {
    nonceNs: 1700000000000000000n,
    dendriteHotkey: ALICE,
    axonHotkey: BOB,
    uuid: '5ecbd69c-1cec-11ee-b0dc-e29ce36fec1a',
    bodyHash: UNHASHED_BODY,
  };
  const signature = Buffer.from(
    '88d8aebb41ac1c0fe9f2c5606d94e863044200afa582e85dcad123546c82676b' +
      '05210ec4a8c0e10c0987cd2cbffef4d9847b5b2660f09d6875deb838c010d98d',
    'hex',
  );

  it('is what the SDK signs', async () => {
    await signaturesReady();
    expect(isSignedBy(ALICE, dendriteMessage(tuple), signature)).to.equal(true);
    expect(isSignedBy(ALICE, dendriteMessage({ ...tuple, nonceNs: 1n }), signature)).to.equal(false);
  });
});
