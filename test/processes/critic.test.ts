import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Installation } from '../support/installation.js';
import { chat, LlmStandIn } from '../support/llm-stand-in.js';
import { finalTask, submitJson } from '../support/rest-client.js';

const TEXT =
  'The committee met on Monday. It discussed the new bridge over the river at length. ' +
  'The bridge will cost four million and open in 2031. Several members doubted the price. ' +
  'In the end the committee approved the bridge by nine votes to two. Lunch was served at noon.';

describe('audio-subnet with a critic of summaries', function () {
  this.timeout(60_000);
  let installation: Installation;
  let standIn: LlmStandIn;

  before(async () => {
    standIn = await LlmStandIn.start(chat('{"faithful": 0.8, "complete": 0.5}'));
    installation = await Installation.create(1);
  });
  after(async () => {
    await installation.dispose();
    await standIn.stop();
  });

  const critic = () => ['--judge.llm_url', standIn.url, '--judge.llm_model', 'judge-1'];

  it('does not start without the key that it is told of', async () => {
    const keyFile = join(installation.dataDir, 'absent.key');
    const up = installation.start(
      'up',
      ...installation.listeners,
      ...critic(),
      '--judge.llm_key_file',
      keyFile,
    );
    expect(await up.exited).to.equal(1);
    expect(up.complaints.join('\n') + JSON.stringify(up.lines)).to.include(`--judge.llm_key_file ${keyFile}`);
  });

  it('sends it the key of the file and shows what it says among the parts of the score', async () => {
    const keyFile = join(installation.dataDir, 'llm.key');
    await writeFile(keyFile, 'secret-1\n', { mode: 0o600 });
    const up = installation.start(
      'up',
      ...installation.listeners,
      ...critic(),
      '--judge.llm_key_file',
      keyFile,
    );
    await up.output('audio-subnet is running');
    const id = await submitJson(installation.url, 'summarization', TEXT);
    expect((await finalTask(installation.url, id)).status).to.equal('completed');
    expect(standIn.requests[0]).to.have.property('authorization', 'Bearer secret-1');
    const answer = await fetch(`${installation.url}/api/v1/task/${id}/responses`);
    const { responses } = (await answer.json()) as {
      responses: readonly { parts: readonly { name: string; value: number | null }[] }[];
    };
    const part = responses[0]?.parts.find(({ name }) => name === 'critic');
    expect(part?.value).to.be.closeTo(0.4, 1e-9);
    expect(JSON.stringify(up.lines)).not.to.include('secret-1');
  });
});
