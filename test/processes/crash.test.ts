import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { finalTask, getTask, submitJson } from '../support/rest-client.js';

const sentences = (seed: number) =>
  Array.from(
    { length: 40 },
    (_, i) => `Sentence ${i} of text ${seed} tells of the matter number ${(i * seed) % 7}.`,
  ).join(' ');

describe('kill -9', function () {
  this.timeout(90_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(2);
  });
  afterEach(() => installation.dispose());

  it('of the proxy loses no acknowledged task, and each ends once', async () => {
    const proxy = await installation.startProxy();
    await installation.startMiner(0);
    await installation.startMiner(1);
    const validator = installation.startValidator();
    await validator.line(({ msg }) => msg === 'validator is ready');
    const acknowledged: string[] = [];
    const sent = Array.from({ length: 20 }, (_, i) =>
      submitJson(installation.url, 'summarization', sentences(i + 1)).then(
        (id) => acknowledged.push(id),
        () => undefined,
      ),
    );
    await Promise.race(sent.slice(10));
    await proxy.kill('SIGKILL');
    await Promise.all(sent);
    await installation.startProxy();
    expect(acknowledged.length).to.be.above(0);
    const tasks = await Promise.all(acknowledged.map((id) => finalTask(installation.url, id)));
    expect(tasks.map(({ status }) => status)).to.deep.equal(acknowledged.map(() => 'completed'));
    const again = await Promise.all(acknowledged.map((id) => getTask(installation.url, id)));
    expect(again).to.deep.equal(tasks);
  });

  it('of the proxy leaves a lease with its holder, who may settle it afterwards', async () => {
    const proxy = await installation.startProxy();
    const id = await submitJson(installation.url, 'summarization', sentences(1));
    const given = await distribute(installation.url);
    expect(given.map(({ task_id }) => task_id)).to.deep.equal([id]);
    await proxy.kill('SIGKILL');
    await installation.startProxy();
    expect(await distribute(installation.url)).to.deep.equal([]);
    const response = await fetch(`${installation.url}/api/v1/validator/submit_result`, {
      method: 'POST',
      body: new URLSearchParams({
        task_id: id,
        lease_token: given[0]?.lease_token ?? '',
        result: Buffer.from('the gist').toString('base64'),
        processing_time: '0.5',
        miner_uid: '1',
        accuracy_score: '0.9',
        speed_score: '0.8',
      }),
    });
    expect(response.status).to.equal(200);
    expect((await getTask(installation.url, id)).status).to.equal('completed');
  });

  it('of a validator lets another one finish its tasks', async () => {
    await installation.startProxy();
    const first = installation.startValidator();
    await first.line(({ msg }) => msg === 'validator is ready');
    const ids = await Promise.all(
      [1, 2, 3].map((i) => submitJson(installation.url, 'summarization', sentences(i))),
    );
    await first.line(({ msg }) => msg.startsWith('🎯'));
    await first.kill('SIGKILL');
    await installation.startMiner(0);
    installation.startValidator();
    const before = performance.now();
    const tasks = await Promise.all(ids.map((id) => finalTask(installation.url, id)));
    expect(tasks.map(({ status }) => status)).to.deep.equal(['completed', 'completed', 'completed']);
    expect(performance.now() - before).to.be.below(40_000);
  });
});

async function distribute(url: string): Promise<{ task_id: string; lease_token: string }[]> {
  const response = await fetch(`${url}/api/v1/validator/distribute`, { method: 'POST' });
  return ((await response.json()) as { tasks?: { task_id: string; lease_token: string }[] }).tasks ?? [];
}
