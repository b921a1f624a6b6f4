import { hotkeyFromSeed } from '../../src/wallet/hotkey.js';
import { describeChain } from '../conformance/chain.js';

/**
 * The chain suite against a node given by `AUDIO_SUBNET_TEST_CHAIN_URL`, or by `--url` after `npm run test:chain --`.
 * The node must have subnet AUDIO_SUBNET_TEST_CHAIN_NETUID, and on it uid AUDIO_SUBNET_TEST_CHAIN_MINER_UID and the
 * hotkey of the seed AUDIO_SUBNET_TEST_CHAIN_SEED (32 bytes, hex), with permit and stake and commit-reveal off.
 */
const { argv, env } = process;
const flag = argv.indexOf('--url');
const url = flag === -1 ? env.AUDIO_SUBNET_TEST_CHAIN_URL : argv[flag + 1];
const seed = env.AUDIO_SUBNET_TEST_CHAIN_SEED;

if (url === undefined || seed === undefined)
  describe('chain: an endpoint', () => {
    it('needs --url and AUDIO_SUBNET_TEST_CHAIN_SEED', function () {
      this.skip();
    });
  });
else
  describeChain(url, async () => ({
    url,
    netuid: Number(env.AUDIO_SUBNET_TEST_CHAIN_NETUID ?? 1),
    minerUid: Number(env.AUDIO_SUBNET_TEST_CHAIN_MINER_UID ?? 1),
    validator: await hotkeyFromSeed(Buffer.from(seed.replace(/^0x/, ''), 'hex')),
    stranger: await hotkeyFromSeed(crypto.getRandomValues(new Uint8Array(32))),
    dispose: () => Promise.resolve(),
  }));
