import { expect } from 'chai';
import { TaskSpec } from '../../gen/ts/audiosubnet/v1/task.js';
import {
  LeasedTask as ProtoLeasedTask,
  ReportMinersRequest,
  Settlement as ProtoSettlement,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { LeaseToken, Sha256, TaskId } from '../../src/domain/ids.js';
import {
  LANGUAGES,
  PRIORITIES,
  TASK_KINDS,
  TASK_STATES,
  type MinerResponse,
  type Payload,
  type Score,
  type TaskInput,
  type TaskResult,
} from '../../src/domain/task.js';
import {
  actionFromProto,
  actionToProto,
  kindFromProto,
  kindToProto,
  priorityFromProto,
  priorityToProto,
  revocationFromProto,
  revocationToProto,
  sourceFromProto,
  sourceToProto,
  stateFromProto,
  stateToProto,
} from '../../src/rpc/convert/enums.js';
import { revokedLeaseFromProto, revokedLeaseToProto } from '../../src/rpc/convert/lease.js';
import { reportFromProto, reportToProto } from '../../src/rpc/convert/network.js';
import { codePoints } from '../../src/rpc/convert/payload.js';
import { settlementFromProto, settlementToProto } from '../../src/rpc/convert/settlement.js';
import { specFromProto, specToProto, type Spec } from '../../src/rpc/convert/task-spec.js';
import {
  attemptFromProto,
  attemptToProto,
  inputFromProto,
  inputToProto,
  wishesToProto,
} from '../../src/rpc/convert/task.js';
import {
  durationFromMs,
  msFromDuration,
  timestampFromUs,
  usFromTimestamp,
} from '../../src/rpc/convert/time.js';
import type { MinerReport } from '../../src/rpc/miner-reports.js';
import type { Settlement, SettlementOutcome } from '../../src/queue/task-store.js';

const ROUNDS = 200;
const TEXTS = ['a', 'grüße 👋🏽', 'नमस्ते', '  spaces\n', '\u0000zero', 'x'.repeat(300)];

/** Repeatable chance (mulberry32), so that a failure can be seen again. */
class Chance {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  int(max: number): number {
    return Math.floor(this.next() * (max + 1));
  }

  of<T>(values: readonly T[]): T {
    return values[this.int(values.length - 1)]!;
  }

  maybe<T>(key: string, value: T): Record<string, T> {
    return this.next() < 0.5 ? {} : { [key]: value };
  }

  bytes(): Uint8Array {
    return Uint8Array.from({ length: this.int(50) + 1 }, () => this.int(255));
  }

  text(): string {
    return this.of(TEXTS);
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.int(15).toString(16)).join('');
  }
}

const content = (chance: Chance): Payload => ({
  kind: 'content',
  sha256: chance.hex(64) as Sha256,
  sizeBytes: chance.int(2 ** 40),
});
const audioPayload = (chance: Chance): Payload =>
  chance.next() < 0.5 ? content(chance) : { kind: 'inline', bytes: chance.bytes() };
const textPayload = (chance: Chance): Payload & { kind: 'inline' } => ({
  kind: 'inline',
  bytes: new Uint8Array(Buffer.from(chance.text())),
});

const score = (chance: Chance): Score => ({
  ...chance.maybe('accuracy', chance.next()),
  ...chance.maybe('speed', 0),
  ...chance.maybe('combined', chance.next()),
  parts: [{ name: 'agreement', explanation: chance.text(), ...chance.maybe('value', chance.next()) }],
  policyVersion: '1',
  policyHash: chance.hex(64),
});
const times = (chance: Chance) => ({
  ...chance.maybe('minerUid', chance.int(65_535)),
  ...chance.maybe('score', score(chance)),
  ...chance.maybe('minerProcessingMs', chance.int(10_000_000) / 8),
  ...chance.maybe('validatorMs', chance.int(10_000)),
});
const result = (chance: Chance): TaskResult => ({
  output: audioPayload(chance),
  mediaType: 'audio/wav',
  model: chance.text(),
  minerHotkey: '5F',
  segments: [{ startMs: chance.int(100), endMs: 100 + chance.int(100), text: chance.text() }],
  ...times(chance),
});
const response = (chance: Chance): MinerResponse => ({
  hotkey: chance.text(),
  errorMessage: chance.text(),
  selected: chance.next() < 0.5,
  model: chance.text(),
  ...times(chance),
});
const outcome = (chance: Chance): SettlementOutcome =>
  chance.of<() => SettlementOutcome>([
    () => ({ kind: 'completed', result: result(chance) }),
    () => ({ kind: 'failed', failure: { reason: 'X', message: chance.text() }, retryable: true }),
    () => ({ kind: 'released', reason: chance.text() }),
  ])();
const spec = (chance: Chance): Spec => {
  const kind = chance.of(TASK_KINDS);
  const payload = kind === 'transcription' ? audioPayload(chance) : textPayload(chance);
  const text =
    payload.kind === 'inline' && kind !== 'transcription' ? Buffer.from(payload.bytes).toString() : '';
  const input: Spec['input'] = {
    payload,
    payloadBytes: payload.kind === 'inline' ? payload.bytes.byteLength : payload.sizeBytes,
    textLength: codePoints(text),
    ...(kind === 'transcription' ? chance.maybe('fileName', chance.text()) : {}),
    ...(kind === 'transcription' ? chance.maybe('mediaType', 'audio/wav') : {}),
    ...(kind === 'tts' ? chance.maybe('voice', 'slt') : {}),
    ...(kind === 'summarization' ? chance.maybe('maxSentences', 1 + chance.int(99)) : {}),
  };
  return {
    kind,
    input,
    language: chance.of(LANGUAGES),
    priority: chance.of(PRIORITIES),
    ...chance.maybe('maxAttempts', 1 + chance.int(9)),
    ...chance.maybe('maxRunMs', 1_000 + chance.int(10_000_000)),
    ...chance.maybe('expireAfterMs', 1_000 + chance.int(10_000_000)),
    ...chance.maybe('callbackUrl', 'https://a.example/b'),
  };
};

/** Says for many random values that the way out and back, over the wire, changes nothing. */
function identity<Value>(make: (chance: Chance) => Value, there: (value: Value) => unknown): void {
  for (let seed = 0; seed < ROUNDS; seed += 1) {
    const value = make(new Chance(seed));
    expect(there(value), `seed ${seed}`).to.deep.equal(value);
  }
}

describe('convert, there and back', () => {
  it('keeps instants to the microsecond and durations to the nanosecond', () => {
    identity(
      (chance) => chance.int(2 ** 52),
      (us) => usFromTimestamp(timestampFromUs(us)),
    );
    identity(
      (chance) => chance.int(2 ** 40) / 1024,
      (ms) => msFromDuration(durationFromMs(ms)),
    );
    expect(timestampFromUs(1_500_000)).to.deep.equal({ seconds: 1n, nanos: 500_000_000 });
    expect(durationFromMs(0.5)).to.deep.equal({ seconds: 0n, nanos: 500_000 });
    expect(durationFromMs(1_999.999_999_9)).to.deep.equal({ seconds: 2n, nanos: 0 });
  });

  it('keeps every value of every enum', () => {
    for (const kind of TASK_KINDS) expect(kindFromProto(kindToProto(kind))).to.equal(kind);
    for (const priority of PRIORITIES)
      expect(priorityFromProto(priorityToProto(priority))).to.equal(priority);
    for (const state of TASK_STATES) expect(stateFromProto(stateToProto(state))).to.equal(state);
    for (const reason of ['cancelled', 'expired', 'run_time_exceeded', 'reclaimed', 'unknown'] as const) {
      expect(revocationFromProto(revocationToProto(reason))).to.equal(reason);
    }
    for (const action of ['continue', 'reconnect', 'drain'] as const) {
      expect(actionFromProto(actionToProto(action))).to.equal(action);
    }
    for (const source of ['none', 'chain', 'static', 'report'] as const) {
      expect(sourceFromProto(sourceToProto(source))).to.equal(source);
    }
  });

  it('knows no value that is unspecified or newer than the contract', () => {
    for (const value of [0, -1, 99] as never[]) {
      expect(kindFromProto(value)).to.equal(undefined);
      expect(priorityFromProto(value)).to.equal(undefined);
      expect(stateFromProto(value)).to.equal(undefined);
    }
  });

  it('keeps specs', () => {
    identity(spec, (value) => specFromProto(TaskSpec.decode(TaskSpec.encode(specToProto(value)).finish())));
  });

  it('keeps settlements', () => {
    identity<Settlement>(
      (chance) => ({
        id: chance.hex(32) as TaskId,
        outcome: outcome(chance),
        responses: [response(chance), response(chance)],
        ...chance.maybe('token', chance.hex(32) as LeaseToken),
      }),
      (value) =>
        settlementFromProto(
          ProtoSettlement.decode(ProtoSettlement.encode(settlementToProto(value, 'audio')).finish()),
        ),
    );
  });

  it('keeps inputs with the wishes beside them', () => {
    identity<TaskInput>(
      (chance) => ({
        payloadBytes: chance.int(1_000),
        textLength: chance.int(1_000),
        ...chance.maybe('payload', textPayload(chance)),
        ...chance.maybe('fileName', chance.text()),
        ...chance.maybe('voice', 'slt'),
        ...chance.maybe('maxSentences', 3),
      }),
      (value) => {
        const proto = ProtoLeasedTask.fromPartial({
          input: inputToProto(value, 'tts'),
          ...wishesToProto(value),
        });
        const { input, ...wishes } = ProtoLeasedTask.decode(ProtoLeasedTask.encode(proto).finish());
        return inputFromProto(input!, wishes);
      },
    );
  });

  it('keeps attempts, revoked leases and reports', () => {
    identity(
      (chance) => ({
        number: chance.int(9),
        validator: chance.text(),
        startUs: chance.int(2 ** 51),
        endUs: chance.int(2 ** 51),
        outcome: 'COMPLETED',
        message: chance.text(),
      }),
      (value) => attemptFromProto(attemptToProto(value)),
    );
    identity(
      (chance) => ({
        token: chance.hex(32) as LeaseToken,
        reason: 'expired' as const,
        ...chance.maybe('id', chance.hex(32) as TaskId),
      }),
      (value) => revokedLeaseFromProto(revokedLeaseToProto(value)),
    );
    identity<MinerReport>(
      (chance) => ({
        validator: chance.text(),
        policyVersion: chance.text(),
        policyHash: chance.hex(64),
        netuid: chance.int(65_535),
        network: 'static',
        miners: [
          {
            hotkey: chance.text(),
            uid: chance.int(65_535),
            reachable: chance.next() < 0.5,
            ratings: [
              {
                language: 'en',
                reliability: chance.next(),
                sampleCount: chance.int(2 ** 50),
                parts: [{ name: chance.text(), mean: chance.next(), sampleCount: 1 + chance.int(2 ** 50) }],
                ...chance.maybe('sampleAgeMs', chance.int(1000) / 8),
                ...chance.maybe('kind', chance.of(TASK_KINDS)),
                ...chance.maybe('accuracy', chance.next()),
                ...chance.maybe('speed', 0),
              },
            ],
            address: '127.0.0.1:1',
            stake: chance.next() * 1e6,
            ...chance.maybe('latencyMs', chance.int(1000) / 8),
            ...chance.maybe('score', chance.next()),
          },
        ],
      }),
      (value) =>
        reportFromProto(
          ReportMinersRequest.decode(ReportMinersRequest.encode(reportToProto(value)).finish()),
        ),
    );
  });
});
