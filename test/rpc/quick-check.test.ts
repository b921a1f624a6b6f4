import {
  create,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
  type Message,
} from '@bufbuild/protobuf';
import { expect } from 'chai';
import { ContentServiceService } from '../../gen/ts/audiosubnet/v1/content_service.js';
import { MinerSynapseService } from '../../gen/ts/audiosubnet/v1/miner_synapse.js';
import {
  BatchSubmitTasksRequest,
  SubmitTaskRequest,
  TaskServiceService,
} from '../../gen/ts/audiosubnet/v1/task_service.js';
import { WebhookServiceService } from '../../gen/ts/audiosubnet/v1/webhook_service.js';
import { TaskKind } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  ReportMinersRequest,
  SettleTasksRequest,
  ValidatorIntegrationService,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { loadContract } from '../../src/rpc/contract.js';
import { seeded } from '../unit/score/seeded.js';

const { image, validation } = loadContract();

interface Method {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
}

/** Every request of the contract with the code that decodes it. */
const REQUESTS = [
  TaskServiceService,
  ValidatorIntegrationService,
  ContentServiceService,
  WebhookServiceService,
  MinerSynapseService,
]
  .flatMap((service) => Object.values(service) as readonly Method[])
  .map(({ path, requestDeserialize }) => {
    const [, service = '', method] = path.split('/');
    const type = image.registry.getService(service)?.methods.find(({ name }) => name === method)?.input;
    if (type === undefined) throw new Error(`no ${path}`);
    return { type, decode: requestDeserialize };
  });

/** How far from ordinary a message is. */
interface Manner {
  readonly skip: number;
  readonly strings: readonly string[];
  readonly numbers: readonly number[];
  readonly lengths: readonly number[];
}

/** Values at and around the bounds that the contract sets, and text that is no plain ASCII. */
const STRINGS = ['', 'x', 'en', '  ', 'ü', '😀', '\ufffd', 'a'.repeat(64), 'ab'.repeat(16), 'ab'.repeat(32)];
const LONG_STRINGS = [65, 128, 129, 255, 256, 500, 501, 1000, 2049, 10_001, 50_001].map((n) => 'y'.repeat(n));
const MANNERS: readonly Manner[] = [
  { skip: 0.45, strings: ['en'], numbers: [0, 1], lengths: [1] },
  {
    skip: 0.25,
    strings: [...STRINGS, ...STRINGS, ...LONG_STRINGS],
    numbers: [0, 1, -1, 0.5, 10, 11, 100, 101, 1024, 1025, 65_535, 65_536, NaN, Infinity],
    lengths: [0, 1, 5, 255, 65_537, 1_048_577],
  },
];

describe('the quick check of requests', () => {
  it('never passes a message that the validator refuses', () => {
    const random = seeded(49);
    const passed = new Map<string, number>();
    let refused = 0;
    for (let round = 0; round < 1_000 * REQUESTS.length; round++) {
      const { type, decode } = REQUESTS[round % REQUESTS.length]!;
      const bytes = Buffer.from(toBinary(type, arbitrary(type, { random, ...pick(MANNERS, random) }, 0)));
      const quick = validation.quick(type)(decode(bytes));
      const violations = validation.violations(type, bytes);
      if (violations.length > 0) refused += 1;
      if (quick) passed.set(type.name, (passed.get(type.name) ?? 0) + 1);
      if (quick && violations.length > 0)
        expect.fail(`${type.name} ${bytes.toString('hex')}: ${JSON.stringify(violations)}`);
    }
    expect(refused).to.be.above(1_000);
    // A whole batch that is right by chance is rare.
    const never = REQUESTS.map(({ type }) => type.name).filter((name) => !passed.has(name));
    expect(never.filter((name) => name !== 'BatchSubmitTasksRequest')).to.deep.equal([]);
  });

  it('passes the requests that come most often', () => {
    const text = 'word '.repeat(200);
    const quick = (message: unknown, name: string) => {
      const type = image.registry.getMessage(`audiosubnet.v1.${name}`);
      return type !== undefined && validation.quick(type)(message);
    };
    const task = { kind: { $case: 'summarization', value: { text } }, language: 'en' } as const;
    expect(quick(SubmitTaskRequest.fromPartial({ requestId: 'r-1', task }), 'SubmitTaskRequest')).to.equal(
      true,
    );
    const batch = BatchSubmitTasksRequest.fromPartial({ requests: [{ task }, { task }] });
    expect(quick(batch, 'BatchSubmitTasksRequest')).to.equal(true);
    const output = { $case: 'text', value: text } as const;
    const settlement = {
      taskId: 'id',
      leaseToken: 'ab'.repeat(16),
      outcome: { $case: 'completed', value: { result: { output } } } as const,
      responses: [{ hotkey: 'miner', score: { accuracy: 0.5, parts: [{ name: 'agreement', value: 1 }] } }],
    };
    expect(
      quick(SettleTasksRequest.fromPartial({ settlements: [settlement] }), 'SettleTasksRequest'),
    ).to.equal(true);
    const parts = [{ name: 'agreement', mean: 0.5, sampleCount: 3n }];
    const ratings = [
      { kind: TaskKind.TTS, language: 'en', sampleCount: 3n, parts, sampleAge: { seconds: 1n } },
    ];
    const report = {
      validatorHotkey: 'v',
      policyHash: 'a'.repeat(64),
      miners: [{ hotkey: 'm', score: 1, ratings }],
    };
    expect(quick(ReportMinersRequest.fromPartial(report), 'ReportMinersRequest')).to.equal(true);
  });

  it('leaves text that is no UTF-8 to the validator', () => {
    const type = image.registry.getMessage('audiosubnet.v1.GetTaskRequest');
    const get = REQUESTS.find((request) => request.type === type);
    const bytes = Buffer.from([0x0a, 0x02, 0xff, 0xfe]);
    expect(type && validation.quick(type)(get?.decode(bytes))).to.equal(false);
  });
});

type Source = Manner & { readonly random: () => number };

function arbitrary(type: DescMessage, source: Source, depth: number): Message {
  const message = create(type) as Message & Record<string, unknown>;
  for (const member of type.members) {
    if (source.random() < source.skip) continue;
    if (member.kind === 'oneof') {
      const field = pick(member.fields, source.random);
      message[member.localName] = { case: field.localName, value: value(field, source, depth) };
    } else if (depth < 4 || member.fieldKind !== 'message') {
      message[member.localName] = value(member, source, depth);
    }
  }
  return message;
}

function value(field: DescField, source: Source, depth: number): unknown {
  switch (field.fieldKind) {
    case 'message':
      return arbitrary(field.message, source, depth + 1);
    case 'list':
      return Array.from({ length: Math.floor(source.random() * 3) }, () =>
        field.listKind === 'message'
          ? arbitrary(field.message, source, depth + 1)
          : scalar(field.listKind === 'enum' ? undefined : field.scalar, source),
      );
    case 'enum':
      return scalar(undefined, source);
    case 'scalar':
      return scalar(field.scalar, source);
    case 'map':
      throw new Error('the contract has no maps');
  }
}

/** @param kind a ScalarType; absent for an enum */
function scalar(kind: ScalarType | undefined, { random, strings, numbers, lengths }: Source): unknown {
  const number = pick(numbers, random);
  const whole = Math.trunc(Number.isFinite(number) ? number : 7);
  switch (kind) {
    case ScalarType.DOUBLE:
      return random() < 0.5 ? random() : number;
    case ScalarType.INT64:
      return BigInt(whole);
    case ScalarType.BOOL:
      return random() < 0.5;
    case ScalarType.STRING:
      return pick(strings, random);
    case ScalarType.BYTES:
      return new Uint8Array(pick(lengths, random));
    case undefined:
      return pick([0, 1, 2, 3, 4, 99], random);
    default:
      return whole;
  }
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}
