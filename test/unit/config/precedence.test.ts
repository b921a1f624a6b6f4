import { expect } from 'chai';
import { ALL_SETTINGS } from '../../../src/config/settings.js';
import { environmentName } from '../../../src/config/setting.js';
import { errorLine, parse, type Sources } from './parse.js';

const port = (sources: Sources) => parse('proxy', sources).http.port;

describe('where a setting comes from', () => {
  const flag = { line: '--http.port 1' };
  const env = { env: { AUDIO_SUBNET_HTTP_PORT: '2' } };
  const file = { file: '{"http.port": 3}' };
  const cases: readonly (readonly [string, Sources, number])[] = [
    ['the flag beats all', { ...flag, ...env, ...file }, 1],
    ['the flag beats the environment', { ...flag, ...env }, 1],
    ['the flag beats the file', { ...flag, ...file }, 1],
    ['the environment beats the file', { ...env, ...file }, 2],
    ['the file beats the default', file, 3],
    ['the default is last', {}, 8000],
    ['an empty environment value is unset', { env: { AUDIO_SUBNET_HTTP_PORT: '' }, ...file }, 3],
    ['an empty environment value leaves the default', { env: { AUDIO_SUBNET_HTTP_PORT: '' } }, 8000],
    ['the last of two flags counts', { line: '--http.port 4 --http.port 5' }, 5],
    ['a value may follow an equals sign', { line: '--http.port=6' }, 6],
  ];
  for (const [name, sources, expected] of cases)
    it(name, () => {
      expect(port(sources)).to.equal(expected);
    });

  it('judges only the value that counts', () => {
    expect(port({ ...flag, env: { AUDIO_SUBNET_HTTP_PORT: 'x' }, file: '{"http.port": -3}' })).to.equal(1);
  });

  it('takes the name of the file from the environment too', () => {
    expect(errorLine('proxy', { env: { AUDIO_SUBNET_CONFIG: '~/absent.json' } })).to.equal(
      "--config /home/luno/absent.json: cannot be read: ENOENT: no such file or directory, open '/home/luno/absent.json'",
    );
  });
});

describe('environment names', () => {
  const names = new Map([...ALL_SETTINGS].map(([flag, setting]) => [flag, environmentName(flag, setting)]));

  it('are the documented ones for the proxy integration', () => {
    expect(names.get('proxy_server_url')).to.equal('PROXY_SERVER_URL');
    expect(names.get('enable_proxy_integration')).to.equal('ENABLE_PROXY_INTEGRATION');
    expect(names.get('proxy_check_interval')).to.equal('PROXY_CHECK_INTERVAL');
  });

  it('are a prefix and the flag in capitals elsewhere', () => {
    expect(names.get('data_dir')).to.equal('AUDIO_SUBNET_DATA_DIR');
    expect(names.get('subtensor.network')).to.equal('AUDIO_SUBNET_SUBTENSOR_NETWORK');
    expect(names.get('limits.max_audio_bytes')).to.equal('AUDIO_SUBNET_LIMITS_MAX_AUDIO_BYTES');
  });

  it('are all different', () => {
    expect(new Set(names.values()).size).to.equal(names.size);
  });

  it('reach the validator', () => {
    const { integration } = parse('validator', {
      env: {
        PROXY_SERVER_URL: 'https://proxy:1/',
        ENABLE_PROXY_INTEGRATION: 'No',
        PROXY_CHECK_INTERVAL: '2.5',
      },
    });
    expect(integration).to.deep.equal({
      enabled: false,
      serverUrl: 'https://proxy:1',
      checkIntervalMs: 2500,
    });
  });
});
