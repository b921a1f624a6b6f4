import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { finalTask, submitJson } from '../support/rest-client.js';

const TEXT = 'A text that is long enough to be summarized by a miner. It has two sentences.';

describe('proxy, validator and miner by themselves', function () {
  this.timeout(60_000);
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(1);
  });
  afterEach(() => installation.dispose());

  it('find each other though the validator started first, and after the proxy was killed', async () => {
    const validator = installation.startValidator('--enable_proxy_integration');
    const outage = await validator.line(
      ({ level, msg }) => level !== 'info' && msg.includes(installation.url),
    );
    expect(outage.msg).to.match(/ECONNREFUSED|refused/i);
    const proxy = await installation.startProxy();
    await installation.startMiner();
    const first = await finalTask(
      installation.url,
      await submitJson(installation.url, 'summarization', TEXT),
    );
    expect(first.status).to.equal('completed');
    await proxy.kill('SIGKILL');
    await installation.startProxy();
    const second = await finalTask(
      installation.url,
      await submitJson(installation.url, 'summarization', TEXT),
    );
    expect(second.status).to.equal('completed');
    const cried = validator.lines.filter(({ msg }) => msg === outage.msg);
    expect(cried).to.have.length.at.most(2);
  });

  it('log the four messages of the documentation', async () => {
    await installation.startProxy();
    await installation.startMiner();
    const validator = installation.startValidator();
    await validator.line(({ msg }) => msg === '🔍 Checking proxy server for pending tasks...');
    const id = await submitJson(installation.url, 'summarization', TEXT);
    await finalTask(installation.url, id);
    await validator.line(({ msg }) => msg === '📋 Found 1 pending tasks in proxy server');
    await validator.line(({ msg }) => msg === '🔄 Processing 1 tasks from proxy server...');
    const line = await validator.line(({ msg }) => msg === '🎯 Processing proxy task: summarization in en');
    expect(line.task_id).to.equal(id);
  });

  it('finish a task that no miner can do within 10 s, naming the cure', async () => {
    await installation.startProxy();
    const validator = installation.startValidator();
    await validator.line(({ msg }) => msg === 'validator is ready');
    const before = performance.now();
    const task = await finalTask(installation.url, await submitJson(installation.url, 'summarization', TEXT));
    expect(performance.now() - before).to.be.below(10_000);
    expect(task.status).to.equal('failed');
    expect(task.error_message)
      .to.match(/summarization/)
      .and.match(/\ben\b/);
  });
});
