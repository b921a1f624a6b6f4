import { expect } from 'chai';
import { DEFAULT_BOOSTS } from '../../../src/domain/rank.js';
import { PROGRAMS } from '../../../src/config/setting.js';
import { errorLine, parse } from './parse.js';

const common = {
  dataDir: '/home/luno/.audio-subnet',
  logging: { debug: false, format: 'auto' },
  shutdownGraceMs: 5000,
};
const subnet = { netuid: 49, network: { kind: 'static', file: '/home/luno/.audio-subnet/subnet.json' } };
const validator = {
  maxInFlight: 8,
  minersPerTask: 3,
  answers: { kind: 'best', graceMs: 2000 },
  challenges: { perHour: 6, share: 0.1 },
  weights: { now: false, dryRun: false },
};
const wallet = { path: '/home/luno/.bittensor/wallets' };
const proxy = {
  ...common,
  http: { host: '127.0.0.1', port: 8000 },
  crossOrigins: '*',
  grpc: { host: '127.0.0.1', port: 50_051 },
  metrics: { host: '127.0.0.1', port: 9464 },
  database: '/home/luno/.audio-subnet/proxy.db',
  subnet,
  limits: { maxAudioBytes: 52_428_800, minSummaryLength: 10, maxSummaryLength: 50_000, maxTtsLength: 10_000 },
  task: { maxAttempts: 3, maxRunMs: 3_600_000 },
  queue: { maxPending: 1_000_000, balance: 'capacity' },
  disk: {},
  retentionMs: 7 * 24 * 3_600_000,
  boosts: DEFAULT_BOOSTS,
  webhooks: { secretFile: '/home/luno/.audio-subnet/webhook-secret', makeSecret: true, allowPrivate: false },
  allowAnonymous: false,
};

const blacklist = { forceValidatorPermit: true, minStake: 0, allow: [], deny: [] };

describe('the configuration without any source', () => {
  it('of the proxy', () => {
    expect(parse('proxy')).to.deep.equal(proxy);
  });

  it('of the bridge', () => {
    expect(parse('bridge')).to.deep.equal({
      ...common,
      http: proxy.http,
      crossOrigins: '*',
      proxyAddress: '127.0.0.1:50051',
    });
  });

  it('of the validator', () => {
    expect(parse('validator')).to.deep.equal({
      ...common,
      subnet,
      wallet,
      axon: { host: '127.0.0.1', port: 8092, external: {} },
      blacklist,
      minerAddresses: new Map(),
      integration: { enabled: true, serverUrl: 'http://localhost:8000', checkIntervalMs: 30_000 },
      validator,
    });
  });

  it('of the miner', () => {
    expect(parse('miner')).to.deep.equal({
      ...common,
      subnet,
      wallet,
      axon: { host: '127.0.0.1', port: 8091, external: {} },
      blacklist,
      limits: { maxAudioBytes: 52_428_800 },
      miner: { maxSlots: 2 },
    });
  });

  it('of everything on one machine', () => {
    expect(parse('up')).to.deep.equal({
      ...proxy,
      blacklist,
      minerAddresses: new Map(),
      checkIntervalMs: 30_000,
      validator,
      miner: { maxSlots: 2 },
    });
  });
});

describe('the documented command line of the validator', () => {
  const line =
    '--netuid 49 --subtensor.network finney --wallet.name luno --wallet.hotkey arusha --logging.debug ' +
    '--axon.ip 0.0.0.0 --axon.port 8092 --axon.external_ip 102.134.149.117 --axon.external_port 8092 ' +
    '--proxy_server_url http://localhost:8000 --enable_proxy_integration --proxy_check_interval 30';

  it('gives what it says', () => {
    expect(parse('validator', { line })).to.deep.equal({
      ...common,
      logging: { debug: true, format: 'auto' },
      subnet: { netuid: 49, network: { kind: 'chain', name: 'finney' } },
      wallet: { ...wallet, name: 'luno', hotkey: 'arusha' },
      axon: { host: '0.0.0.0', port: 8092, external: { ip: '102.134.149.117', port: 8092 } },
      blacklist,
      minerAddresses: new Map(),
      integration: { enabled: true, serverUrl: 'http://localhost:8000', checkIntervalMs: 30_000 },
      validator,
    });
  });
});

describe('who is answered and where miners are', () => {
  const [a, b] = [
    '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
  ];

  it('is read as lists', () => {
    const line =
      `--blacklist.force_validator_permit false --blacklist.min_stake 5 --blacklist.allow ${a},${b} ` +
      `--blacklist.deny ${b} --dendrite.address ${a}=10.0.0.1:8091,${b}=[::1]:1`;
    const read = parse('validator', { line });
    expect(read.blacklist).to.deep.equal({
      forceValidatorPermit: false,
      minStake: 5,
      allow: [a, b],
      deny: [b],
    });
    expect([...read.minerAddresses]).to.deep.equal([
      [a, { host: '10.0.0.1', port: 8091 }],
      [b, { host: '::1', port: 1 }],
    ]);
  });

  for (const line of [
    '--blacklist.allow nobody',
    `--dendrite.address ${a}`,
    `--dendrite.address ${a}=host:0`,
  ])
    it(`refuses ${line}`, () => {
      expect(() => parse('validator', { line })).to.throw(/must be/);
    });
});

describe('a flag of the proxy', () => {
  it('reaches its place', () => {
    const line =
      '--data_dir /d --logging.format json --shutdown.grace 1 --http.host ::1 --http.port 1 --grpc.host ::2 --grpc.port 2 ' +
      '--metrics.host ::3 --metrics.port 3 --database /x.db --netuid 4 --subtensor.network static:/s ' +
      '--limits.max_audio_bytes 5 --limits.min_summary_length 6 --limits.max_summary_length 7 ' +
      '--limits.max_tts_length 8 --task.max_attempts 9 --task.max_run_time 10 --queue.max_pending 11 --balance stake ' +
      '--disk.min_free 15 --retention 3600 --auth.allow_anonymous --webhooks.secret_file /w ' +
      '--webhooks.allow_private ' +
      '--priority.urgent_boost 14 --priority.high_boost 13 --priority.normal_boost 12';
    const expected = {
      dataDir: '/d',
      logging: { debug: false, format: 'json' },
      shutdownGraceMs: 1000,
      http: { host: '::1', port: 1 },
      crossOrigins: '*',
      grpc: { host: '::2', port: 2 },
      metrics: { host: '::3', port: 3 },
      database: '/x.db',
      subnet: { netuid: 4, network: { kind: 'static', file: '/s' } },
      limits: { maxAudioBytes: 5, minSummaryLength: 6, maxSummaryLength: 7, maxTtsLength: 8 },
      task: { maxAttempts: 9, maxRunMs: 10_000 },
      queue: { maxPending: 11, balance: 'stake' },
      disk: { minFreeBytes: 15 },
      retentionMs: 3_600_000,
      webhooks: { secretFile: '/w', makeSecret: false, allowPrivate: true },
      boosts: { urgent: 14_000, high: 13_000, normal: 12_000, low: 0 },
      allowAnonymous: true,
    };
    expect(parse('proxy', { line })).to.deep.equal(expected);
    expect(parse('up', { line: `${line} --miner.max_slots 1 --miner.voice slt` })).to.deep.include({
      ...expected,
      miner: { maxSlots: 1, voice: 'slt' },
    });
  });
});

describe('a flag of the validator', () => {
  const tuning = (line: string) => parse('validator', { line }).validator;

  it('reaches its place, in everything on one machine too', () => {
    const line =
      '--validator.max_in_flight 1 --validator.miners_per_task 2 --scoring.policy /p.json ' +
      '--challenge.per_hour 3 --challenge.share 0.2';
    const expected = {
      maxInFlight: 1,
      minersPerTask: 2,
      answers: validator.answers,
      challenges: { perHour: 3, share: 0.2 },
      weights: validator.weights,
      policyFile: '/p.json',
    };
    expect(tuning(line)).to.deep.equal(expected);
    expect(parse('up', { line }).validator).to.deep.equal(expected);
  });

  const policies: readonly (readonly [string, unknown])[] = [
    ['--answer.grace 0.5', { kind: 'best', graceMs: 500 }],
    [
      '--answer.policy first_good --answer.good_enough 0.65 --answer.deadline 7',
      { kind: 'first_good', goodEnough: 0.65, deadlineMs: 7000 },
    ],
    ['--answer.policy best_of_k --answer.k 3', { kind: 'best_of_k', count: 3, deadlineMs: 30_000 }],
    ['--answer.policy deadline --answer.deadline 0.1', { kind: 'deadline', deadlineMs: 100 }],
  ];
  for (const [line, expected] of policies) {
    it(`makes the answer policy with its own numbers alone: ${line}`, () => {
      expect(tuning(line).answers).to.deep.equal(expected);
    });
  }

  it('does not wait for more replies than miners are asked', () => {
    const line = '--answer.policy best_of_k --answer.k 4';
    expect(errorLine('validator', { line })).to.equal(
      '--answer.k 4 is above --validator.miners_per_task 3: it must be at most that',
    );
    expect(tuning('--answer.k 4').answers.kind).to.equal('best');
  });
});

describe('the critic of summaries', () => {
  const line = '--judge.llm_url http://localhost:11434/v1/ --judge.llm_model qwen2.5:7b';
  const critic = { url: 'http://localhost:11434/v1', model: 'qwen2.5:7b' };

  for (const program of ['validator', 'up'] as const) {
    it(`is off unless ${program} is given one`, () => {
      expect(parse(program)).not.to.have.property('critic');
    });

    it(`reaches its place in ${program}`, () => {
      expect(parse(program, { line }).critic).to.deep.equal(critic);
      const withKey = `${line} --judge.llm_key_file ~/llm.key`;
      expect(parse(program, { line: withKey }).critic).to.deep.equal({
        ...critic,
        keyFile: '/home/luno/llm.key',
      });
    });

    const incomplete: readonly (readonly [string, string])[] = [
      ['--judge.llm_url http://x', '--judge.llm_url needs --judge.llm_model: name the model to ask'],
      ['--judge.llm_model m', '--judge.llm_model is of no use without --judge.llm_url'],
      ['--judge.llm_key_file /k', '--judge.llm_key_file is of no use without --judge.llm_url'],
    ];
    for (const [part, expected] of incomplete)
      it(`is refused by ${program} in part: ${part}`, () => {
        expect(errorLine(program, { line: part })).to.equal(expected);
      });
  }
});

describe('every configuration', () => {
  for (const program of PROGRAMS)
    it(`is frozen all the way down for ${program}`, () => {
      const frozen = (value: unknown): boolean =>
        typeof value !== 'object' ||
        value === null ||
        (Object.isFrozen(value) && Object.values(value).every(frozen));
      expect(frozen(parse(program))).to.be.true;
    });
});

describe('settings that contradict each other', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      '--limits.min_summary_length 51 --limits.max_summary_length 50',
      '--limits.min_summary_length 51 is above --limits.max_summary_length 50: it must be at most that',
    ],
    [
      '--priority.normal_boost 7201',
      '--priority.normal_boost 7201 is above --priority.high_boost 7200: it must be at most that',
    ],
    [
      '--priority.urgent_boost 5 --priority.normal_boost 0',
      '--priority.high_boost 7200 is above --priority.urgent_boost 5: it must be at most that',
    ],
    [
      '--http.port 50051',
      '--http.port 50051 and --grpc.port 50051 are the same on 127.0.0.1: they must differ',
    ],
    [
      '--metrics.port 8000',
      '--http.port 8000 and --metrics.port 8000 are the same on 127.0.0.1: they must differ',
    ],
  ];
  for (const [line, expected] of cases)
    it(`are refused naming both: ${line}`, () => {
      expect(errorLine('proxy', { line })).to.equal(expected);
      expect(errorLine('up', { line })).to.equal(expected);
    });

  it('are not seen where ports differ by their host, or take free ones', () => {
    expect(parse('proxy', { line: '--metrics.port 8000 --metrics.host ::1' }).metrics.port).to.equal(8000);
    expect(parse('proxy', { line: '--http.port 0 --grpc.port 0' }).grpc.port).to.equal(0);
  });

  it('may be equal where one must not be above the other', () => {
    const line = '--limits.min_summary_length 50 --limits.max_summary_length 50';
    expect(parse('proxy', { line }).limits.minSummaryLength).to.equal(50);
  });
});
