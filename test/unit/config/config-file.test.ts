import { expect } from 'chai';
import { errorLine, parse } from './parse.js';

describe('the file of --config', () => {
  it('gives values of any type', () => {
    const { subnet, logging, http, task } = parse('proxy', {
      file: '{"netuid": 7, "logging.debug": true, "http.host": "::1", "task.max_run_time": 1.5}',
    });
    expect([subnet.netuid, logging.debug, http.host, task.maxRunMs]).to.deep.equal([7, true, '::1', 1500]);
  });

  it('may hold settings of other programs', () => {
    expect(parse('proxy', { file: '{"axon.port": 1, "http.port": 2}' }).http.port).to.equal(2);
  });

  it('may begin with a byte order mark', () => {
    expect(parse('proxy', { file: '\uFEFF{"netuid": 1}' }).subnet.netuid).to.equal(1);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['{"bogus": 1}', /^--config settings\.json: unknown key "bogus"$/],
    ['{"--netuid": 1}', /unknown key "--netuid"$/],
    ['{"__proto__": 1}', /unknown key "__proto__"$/],
    ['{"constructor": 1}', /unknown key "constructor"$/],
    ['{"http": {"port": 1}}', /unknown key "http"; write "http\.port" as one key$/],
    ['{"config": "other.json"}', /cannot name another/],
    ['{"netuid": true}', /^netuid true in settings\.json: must be an integer from 0 to 65535$/],
    ['{"netuid": null}', /^netuid null in settings\.json: must be/],
    ['{"netuid": [1]}', /^netuid \[1\] in settings\.json: must be/],
    ['{"wallet.name": 5}', /^wallet\.name 5 in settings\.json: must be a name/],
    ['', /^--config settings\.json: is not JSON: /],
    ['{\n"netuid": 1,\n}', /^--config settings\.json: is not JSON: .+$/],
    ['[]', /must hold one JSON object/],
    ['"x"', /must hold one JSON object/],
    ['null', /must hold one JSON object/],
  ];
  for (const [file, expected] of refused)
    it(`is refused in one line when it holds ${JSON.stringify(file)}`, () => {
      const line = errorLine('proxy', { file });
      expect(line).to.match(expected);
      expect(line).not.to.include('\n');
    });

  it('is refused in one line when it cannot be read', () => {
    expect(errorLine('proxy', { line: '--config absent.json' })).to.equal(
      "--config absent.json: cannot be read: ENOENT: no such file or directory, open 'absent.json'",
    );
  });
});
