import { expect } from 'chai';
import { errorLine, parse, type Sources } from './parse.js';

const ON = ['true', 'TRUE', 'True', '1', 'yes', 'YES', 'Yes'];
const OFF = ['false', 'FALSE', 'False', '0', 'no', 'NO', 'No'];

const enabled = (sources: Sources) => parse('validator', sources).integration.enabled;
const debug = (sources: Sources) => parse('validator', sources).logging.debug;

describe('a boolean flag', () => {
  it('alone is true', () => {
    expect(debug({ line: '--logging.debug' })).to.be.true;
    expect(enabled({ line: '--enable_proxy_integration', env: { ENABLE_PROXY_INTEGRATION: 'false' } })).to.be
      .true;
  });

  it('alone leaves the next flag alone', () => {
    const config = parse('validator', { line: '--logging.debug --axon.ip 10.0.0.1' });
    expect([config.logging.debug, config.axon.host]).to.deep.equal([true, '10.0.0.1']);
  });

  for (const [words, expected] of [
    [ON, true],
    [OFF, false],
  ] as const)
    for (const word of words)
      it(`${word} is ${expected} behind an equals sign, as the next word, in the environment and in the file`, () => {
        expect(enabled({ line: `--enable_proxy_integration=${word}` })).to.equal(expected);
        expect(enabled({ line: `--enable_proxy_integration ${word} --netuid 1` })).to.equal(expected);
        expect(enabled({ env: { ENABLE_PROXY_INTEGRATION: word } })).to.equal(expected);
        expect(enabled({ file: `{"enable_proxy_integration": "${word}"}` })).to.equal(expected);
        expect(debug({ line: `--logging.debug ${word}` })).to.equal(expected);
      });

  it('is a boolean in the file', () => {
    expect(enabled({ file: '{"enable_proxy_integration": false}' })).to.be.false;
    expect(debug({ file: '{"logging.debug": true}' })).to.be.true;
  });

  it('does not swallow a word that is no boolean', () => {
    expect(errorLine('validator', { line: '--enable_proxy_integration maybe' })).to.equal(
      '--enable_proxy_integration maybe: must be true, false, 1, 0, yes or no',
    );
    expect(errorLine('validator', { line: '--logging.debug -1' })).to.match(
      /^--logging\.debug -1: must be true/,
    );
    expect(errorLine('validator', { line: '--logging.debug=' })).to.equal(
      '--logging.debug "": must be true, false, 1, 0, yes or no',
    );
    expect(errorLine('validator', { env: { ENABLE_PROXY_INTEGRATION: 'on' } })).to.equal(
      'ENABLE_PROXY_INTEGRATION=on (--enable_proxy_integration): must be true, false, 1, 0, yes or no',
    );
    expect(errorLine('validator', { file: '{"logging.debug": 1}' })).to.match(
      /^logging\.debug 1 in settings\.json: must be/,
    );
    expect(errorLine('validator', { line: '--logging.debug constructor' })).to.match(/: must be true, false/);
  });
});
