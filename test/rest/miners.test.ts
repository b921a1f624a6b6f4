import { expect } from 'chai';
import { TaskKind } from '../../gen/ts/audiosubnet/v1/task.js';
import { GetIntegrationInfoResponse } from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../../src/domain/errors.js';
import { call, openBridge, type OpenBridge } from '../support/rest-bridge.js';

const INFO = GetIntegrationInfoResponse.fromPartial({
  miners: [
    {
      uid: 3,
      hotkey: '5H',
      ip: '0.0.0.0',
      port: 8091,
      externalIp: '192.0.2.7',
      externalPort: 9091,
      stake: 12.5,
      observations: [
        {
          validatorHotkey: '5V',
          age: { seconds: 7n, nanos: 500_000_000 },
          reachable: true,
          latency: { seconds: 0n, nanos: 20_000_000 },
          score: 0.75,
          ratings: [
            {
              kind: TaskKind.TRANSCRIPTION,
              language: 'en',
              accuracy: 0.5,
              reliability: 0.9,
              sampleCount: 12n,
              sampleAge: { seconds: 60n },
              parts: [{ name: 'agreement', mean: 0.5, sampleCount: 11n }],
            },
          ],
        },
        { validatorHotkey: 'w', reachable: false },
      ],
    },
    { uid: 4, hotkey: '5J' },
  ],
});

const MINER = {
  uid: 3,
  hotkey: '5H',
  ip: '0.0.0.0',
  port: 8091,
  external_ip: '192.0.2.7',
  external_port: 9091,
  stake: 12.5,
  observations: [
    {
      validator_hotkey: '5V',
      age_seconds: 7.5,
      reachable: true,
      latency_seconds: 0.02,
      score: 0.75,
      ratings: [
        {
          task_type: 'transcription',
          language: 'en',
          accuracy_score: 0.5,
          speed_score: null,
          reliability: 0.9,
          sample_count: 12,
          last_sample_seconds: 60,
          parts: [{ name: 'agreement', mean: 0.5, sample_count: 11 }],
        },
      ],
    },
    {
      validator_hotkey: 'w',
      age_seconds: null,
      reachable: false,
      latency_seconds: null,
      score: null,
      ratings: [],
    },
  ],
};

describe('miners over REST', () => {
  let open: OpenBridge;
  before(async () => (open = await openBridge()));
  beforeEach(() => {
    open.proxy.refusals.clear();
    open.proxy.requests.length = 0;
    open.proxy.info = INFO;
  });
  after(() => open.close());

  it('are listed with what validators measured, page by page', async () => {
    const { status, json } = await call(`${open.url}/api/v1/miners?limit=1&page_token=abc`);
    expect(status).to.equal(200);
    expect(json).to.deep.equal({ miners: [MINER], next_page_token: 'next' });
    expect(open.proxy.requests.at(-1)?.request).to.deep.equal({ pageSize: 1, pageToken: 'abc' });
    await call(`${open.url}/api/v1/miners`);
    expect(open.proxy.requests.at(-1)?.request).to.deep.equal({ pageSize: 0, pageToken: '' });
  });

  it('are read by their hotkey', async () => {
    expect(await call(`${open.url}/api/v1/miners/5H`)).to.deep.include({ status: 200, json: MINER });
  });

  it('are not found by another', async () => {
    const { status, json } = await call(`${open.url}/api/v1/miners/nobody`);
    expect(status).to.equal(404);
    expect(json).to.deep.equal({ detail: 'no miner nobody', reason: 'MINER_NOT_FOUND' });
  });

  it('are refused a bad page in the shape of the other lists', async () => {
    const { status, json } = await call(`${open.url}/api/v1/miners?limit=0`);
    expect(status).to.equal(422);
    expect((json as { detail: readonly { loc: unknown }[] }).detail[0]?.loc).to.deep.equal([
      'query',
      'limit',
    ]);
    open.proxy.refusals.set(
      'listMiners',
      new Refusal('INVALID_PAGE_TOKEN', 'page_token: not one', {
        violations: [{ field: 'page_token', description: 'not one' }],
      }),
    );
    expect((await call(`${open.url}/api/v1/miners?page_token=x`)).status).to.equal(422);
  });

  it('are described in the document', async () => {
    const { json } = await call(`${open.url}/openapi.json`);
    const { paths } = json as { paths: Record<string, { get: { responses: Record<string, object> } }> };
    expect(paths['/api/v1/miners/{hotkey}']?.get.responses).to.have.all.keys('200', '401', '403', '404');
    expect(paths['/api/v1/miners']?.get.responses).to.have.all.keys('200', '401', '403', '422');
  });
});
