import { expect } from 'chai';
import { ALL_SETTINGS } from '../../../src/config/settings.js';
import type { Program } from '../../../src/config/setting.js';
import { schemaOf } from '../../../src/config/value.js';
import { errorLine, parse, type Sources } from './parse.js';

const NETWORKS =
  'static:<file>, finney, test, local, or a ws:// or wss:// URL; several of a chain with commas between';

describe('a value', () => {
  const refused: readonly (readonly [Program, string, string])[] = [
    ['proxy', '--http.port 70000', 'an integer from 0 to 65535'],
    ['proxy', '--http.port -1', 'an integer from 0 to 65535'],
    ['proxy', '--http.port 80.5', 'an integer from 0 to 65535'],
    ['proxy', '--http.port 0x50', 'an integer from 0 to 65535'],
    ['proxy', '--http.port --grpc.port', 'an integer from 0 to 65535'],
    ['validator', '--axon.external_port 0', 'an integer from 1 to 65535'],
    ['proxy', '--task.max_attempts 0', 'an integer from 1 to 10'],
    ['proxy', '--task.max_attempts 11', 'an integer from 1 to 10'],
    ['proxy', '--limits.max_audio_bytes 50M', 'a whole number of bytes from 1 to 1073741824'],
    ['proxy', '--limits.max_summary_length 50001', 'an integer from 1 to 50000'],
    ['proxy', '--limits.max_tts_length 10001', 'an integer from 1 to 10000'],
    ['validator', '--proxy_check_interval 0', 'a number of seconds from 0.1 to 86400'],
    ['validator', '--proxy_check_interval NaN', 'a number of seconds from 0.1 to 86400'],
    ['validator', '--proxy_check_interval 1e3', 'a number of seconds from 0.1 to 86400'],
    ['validator', '--proxy_check_interval 30s', 'a number of seconds from 0.1 to 86400'],
    ['validator', '--answer.good_enough 1.1', 'a number from 0 to 1'],
    ['validator', '--answer.good_enough high', 'a number from 0 to 1'],
    ['proxy', '--logging.format xml', 'one of auto, text, json'],
    ...[
      'a.example',
      'https://a.example/',
      'https://a.example/x',
      'https://A.example',
      'null',
      '*,https://a',
    ].map(
      (origins) =>
        [
          'bridge',
          `--cors.origins ${origins}`,
          '* or origins such as https://app.example, several separated by commas',
        ] as const,
    ),
    ['proxy', '--http.host 127.0.0.1:80', 'an IP address or host name, without a port'],
    ['proxy', '--http.host 999.0.0.1', 'an IP address or host name, without a port'],
    ['proxy', '--http.host http://x', 'an IP address or host name, without a port'],
    ['validator', '--axon.external_ip example.com', 'an IP address'],
    ['validator', '--proxy_server_url localhost:8000', 'an http:// or https:// URL'],
    ['validator', '--proxy_server_url ftp://x', 'an http:// or https:// URL'],
    ['validator', '--wallet.name ../x', 'a name without slashes that does not begin with a dash'],
    ['validator', '--wallet.name ..', 'a name without slashes that does not begin with a dash'],
    ['validator', '--wallet.name --wallet.hotkey', 'a name without slashes that does not begin with a dash'],
    ['validator', '--judge.llm_url localhost:11434', 'an http:// or https:// URL'],
    [
      'validator',
      '--judge.llm_model --judge.llm_url',
      'a model name without spaces that does not begin with a dash',
    ],
    ['validator', '--wallet.path --wallet.hotkey', 'a path'],
    ['bridge', '--proxy.address 50051', 'host:port with a port from 1 to 65535, or unix:<path>'],
    ['bridge', '--proxy.address host:0', 'host:port with a port from 1 to 65535, or unix:<path>'],
    ['bridge', '--proxy.address host:70000', 'host:port with a port from 1 to 65535, or unix:<path>'],
    ['bridge', '--proxy.address ::1:5', 'host:port with a port from 1 to 65535, or unix:<path>'],
    ['miner', '--subtensor.network finny', NETWORKS],
    ['miner', '--subtensor.network static:', NETWORKS],
  ];
  for (const [program, line, allowed] of refused)
    it(`${line} is refused in one line that says what is allowed`, () => {
      expect(errorLine(program, { line })).to.equal(`${line}: must be ${allowed}`);
    });

  it('that is refused names its variable or file', () => {
    expect(errorLine('proxy', { env: { AUDIO_SUBNET_NETUID: 'x' } })).to.equal(
      'AUDIO_SUBNET_NETUID=x (--netuid): must be an integer from 0 to 65535',
    );
    expect(errorLine('proxy', { file: '{"netuid": 65536}' })).to.equal(
      'netuid 65536 in settings.json: must be an integer from 0 to 65535',
    );
  });

  it('that is refused is shown in one line, cut when long', () => {
    const line = errorLine('proxy', { argv: ['--netuid', `1\n2\r${'3'.repeat(10_000)}`] });
    expect(line).to.match(/^--netuid 1 2 3+…: must be/);
    expect(line.length).to.be.below(300);
  });

  it('is missing when a flag that needs one is last', () => {
    expect(errorLine('proxy', { line: '--http.port 1 --netuid' })).to.equal(
      '--netuid has no value: it must be an integer from 0 to 65535',
    );
  });

  it('may be empty nowhere but in the environment', () => {
    expect(errorLine('proxy', { argv: ['--database', ''] })).to.equal('--database "": must be a path');
    expect(errorLine('proxy', { argv: ['--database='] })).to.equal('--database "": must be a path');
    expect(errorLine('proxy', { file: '{"database": ""}' })).to.match(/must be a path$/);
  });

  const accepted: readonly (readonly [string, unknown, unknown])[] = [
    [
      'the lowest port',
      parse('proxy', { line: '--http.port 0 --grpc.port 0 --metrics.port 0' }).grpc.port,
      0,
    ],
    ['an axon port of 0', parse('miner', { line: '--axon.port 0' }).axon.port, 0],
    ['the highest port', parse('proxy', { line: '--http.port 65535' }).http.port, 65_535],
    ['seconds with a fraction', parse('proxy', { line: '--shutdown.grace 0.25' }).shutdownGraceMs, 250],
    ['IPv6 without its brackets', parse('validator', { line: '--axon.ip [::]' }).axon.host, '::'],
    ['a host name', parse('proxy', { line: '--http.host my-host.local' }).http.host, 'my-host.local'],
    ['a unix socket', parse('bridge', { line: '--proxy.address unix:/run/p' }).proxyAddress, 'unix:/run/p'],
    ['IPv6 and a port', parse('bridge', { line: '--proxy.address [::1]:5' }).proxyAddress, '[::1]:5'],
    ['a database in memory', parse('proxy', { line: '--database :memory:' }).database, ':memory:'],
  ];
  for (const [name, actual, expected] of accepted)
    it(`may be ${name}`, () => {
      expect(actual).to.equal(expected);
    });

  it('has ~ expanded at the start of a path only', () => {
    const dataDir = (value: string) => parse('proxy', { argv: ['--data_dir', value] }).dataDir;
    expect(['~', '~/a', '~luno/a', '/a/~/b'].map(dataDir)).to.deep.equal([
      '/home/luno',
      '/home/luno/a',
      '~luno/a',
      '/a/~/b',
    ]);
  });

  it('of every default is allowed', () => {
    for (const [flag, setting] of ALL_SETTINGS)
      if (setting.default !== undefined)
        expect(schemaOf(setting).safeParse(String(setting.default)).data, flag).to.equal(setting.default);
  });
});

describe('--subtensor.network', () => {
  const network = (sources: Sources) => parse('miner', sources).subnet.network;

  it('is the static subnet of the data directory unless given', () => {
    expect(network({ line: '--data_dir /d' })).to.deep.equal({ kind: 'static', file: '/d/subnet.json' });
  });

  it('may name a file', () => {
    expect(network({ line: '--subtensor.network static:~/s.json' })).to.deep.equal({
      kind: 'static',
      file: '/home/luno/s.json',
    });
  });

  for (const name of [
    'finney',
    'test',
    'local',
    'ws://127.0.0.1:9944',
    'wss://chain.example:443',
    'ws://127.0.0.1:9944,finney',
  ])
    it(`may be ${name}`, () => {
      expect(network({ line: `--subtensor.network ${name}` })).to.deep.equal({ kind: 'chain', name });
    });
});
