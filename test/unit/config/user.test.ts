import { expect } from 'chai';
import { ConfigError } from '../../../src/config/config-error.js';
import { parseConfig, type Configs } from '../../../src/config/parse-config.js';
import type { UserCommand } from '../../../src/config/setting.js';

const parse = <C extends UserCommand>(command: C, ...argv: string[]): Configs[C] => {
  const surroundings = {
    env: { AUDIO_SUBNET_SERVER: 'http://there:1' },
    home: '/home/me',
    readFile: () => '',
  };
  const parsed = parseConfig(command, argv, surroundings);
  if (parsed.kind === 'help') throw new Error('help');
  return parsed.config;
};

describe('the configuration of commands for people', () => {
  it('takes one word, before or behind the flags', () => {
    for (const argv of [
      ['Hello world', '-o', 'out.wav'],
      ['-o', 'out.wav', 'Hello world'],
      ['--output=out.wav', '--', 'Hello world'],
    ])
      expect(parse('say', ...argv)).to.deep.equal({
        text: 'Hello world',
        output: 'out.wav',
        server: 'http://there:1',
        language: 'en',
        priority: 'normal',
        wait: true,
        json: false,
      });
    expect(parse('summarize', '-', '--max_sentences', '2')).to.include({ file: '-', maxSentences: 2 });
    expect(parse('watch', 'id', '-o', '-')).to.include({ id: 'id', output: '-' });
    expect(parse('tasks', '--status', 'failed', '--limit', '5')).to.include({ state: 'failed', limit: 5 });
    expect(parse('tasks')).not.to.have.property('state');
  });

  it('takes --no-flag for false, and a flag beats the environment', () => {
    const config = parse('submit', 'a.wav', '--no-wait', '--no-json', '--server', 'http://here:2/');
    expect(config).to.include({ wait: false, json: false, server: 'http://here:2' });
    expect(parse('submit', 'a.wav', '--wait', 'no')).to.include({ wait: false });
    expect(() => parse('submit', 'a.wav', '--no-server')).to.throw(ConfigError, 'unknown flag --no-server');
  });

  it('says in one line what is wrong', () => {
    const cases: readonly (readonly [UserCommand, readonly string[], string])[] = [
      ['submit', [], 'needs a file'],
      ['submit', ['a', 'b'], 'b: unexpected word'],
      ['submit', ['a', '--language', 'xx'], '--language xx'],
      ['submit', ['a', '--output', 'b'], '--output is a flag of say, watch'],
      ['say', [''], 'needs a text'],
      ['say', ['Hello'], '-o <file>'],
      ['say', ['Hello', '-o'], '--output has no value'],
      ['watch', ['x', '--json', '-o', '-'], '--json and -o -'],
      ['watch', [], 'needs the id'],
      ['tasks', ['x'], 'x: unexpected word'],
      ['tasks', ['--limit', '0'], '--limit 0'],
      ['tasks', ['--nonsense'], 'unknown flag --nonsense'],
    ];
    for (const [command, argv, text] of cases)
      expect(() => parse(command, ...argv), argv.join(' ')).to.throw(ConfigError, text);
  });
});
