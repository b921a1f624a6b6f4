import { expect } from 'chai';
import { fromChainAddress, toChainAddress, unreachableFrom } from '../../../src/chain/axon-address.js';
import { endpointsOf } from '../../../src/chain/endpoints.js';

describe('an address on the chain', () => {
  const table: readonly (readonly [string, bigint, 4 | 6])[] = [
    ['1.2.3.4', 16_909_060n, 4],
    ['255.255.255.255', 4_294_967_295n, 4],
    ['102.134.149.117', 1_720_096_117n, 4],
    ['::1', 1n, 6],
    ['2001:db8::8:800:200c:417a', 0x20010db8000000000008_0800200c417an, 6],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', (1n << 128n) - 1n, 6],
  ];
  for (const [text, ip, ipType] of table)
    it(`${text} goes there and back`, () => {
      expect(toChainAddress(text)).to.deep.equal({ ip, ipType });
      expect(fromChainAddress({ ip, ipType })).to.equal(text);
    });

  it('reads IPv4 written at the end of IPv6', () => {
    expect(toChainAddress('::ffff:1.2.3.4')).to.deep.equal({ ip: 0xffff_0102_0304n, ipType: 6 });
  });

  for (const none of [
    { ip: 0n, ipType: 4 },
    { ip: 0n, ipType: 0 },
    { ip: 1n << 32n, ipType: 4 },
    { ip: 1n << 128n, ipType: 6 },
    { ip: 5n, ipType: 7 },
  ])
    it(`${none.ip} of type ${none.ipType} is none`, () => {
      expect(fromChainAddress(none)).to.equal(undefined);
    });

  it('refuses what is no address', () => {
    for (const text of ['example.org', '', '1.2.3', 'fe80::1%eth0'])
      expect(() => toChainAddress(text), text).to.throw('no IP address');
  });

  it('tells addresses that nobody elsewhere can reach', () => {
    for (const ip of [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '0.0.0.0',
      '::',
      '255.255.255.255',
      '::ffff:127.0.0.1',
      'x',
    ])
      expect(unreachableFrom(ip), ip).to.be.a('string');
    for (const ip of ['10.0.0.1', '102.134.149.117', '2001:db8::1', '::ffff:1.2.3.4'])
      expect(unreachableFrom(ip), ip).to.equal(undefined);
  });
});

describe('the endpoints of a network', () => {
  it('are known by name, or are given', () => {
    expect(endpointsOf('finney')).to.deep.equal(['wss://entrypoint-finney.opentensor.ai:443']);
    expect(endpointsOf('test')).to.deep.equal(['wss://test.finney.opentensor.ai:443']);
    expect(endpointsOf('local')).to.deep.equal(['ws://127.0.0.1:9944']);
    expect(endpointsOf('ws://a.example:1, finney')).to.deep.equal([
      'ws://a.example:1',
      'wss://entrypoint-finney.opentensor.ai:443',
    ]);
  });
});
