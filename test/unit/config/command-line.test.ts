import { expect } from 'chai';
import { helpText } from '../../../src/config/command-line.js';
import { parseConfig } from '../../../src/config/parse-config.js';
import { defaultText, environmentName, PROGRAMS, unitText } from '../../../src/config/setting.js';
import { ALL_SETTINGS, settingsOf } from '../../../src/config/settings.js';
import { errorLine } from './parse.js';

const surroundings = { env: {}, home: '/home/luno', readFile: () => '{}' };

describe('an unknown word', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['--bogus 5', 'unknown flag --bogus: audio-subnet validator --help lists the flags'],
    ['--bogus=5', 'unknown flag --bogus: audio-subnet validator --help lists the flags'],
    ['--netuid 1 -x', 'unknown flag -x: audio-subnet validator --help lists the flags'],
    ['--proxy-server-url http://x', 'unknown flag --proxy-server-url: did you mean --proxy_server_url?'],
    ['--Axon.Port 1', 'unknown flag --Axon.Port: did you mean --axon.port?'],
    ['--http.port 1', '--http.port is a flag of up, proxy, bridge, not of validator'],
    ['stray', 'stray: unexpected word; audio-subnet validator takes flags only'],
    ['--logging.debug true stray', 'stray: unexpected word; audio-subnet validator takes flags only'],
    ['-- stray', 'stray: unexpected word; audio-subnet validator takes flags only'],
    ['--netui 5', 'unknown flag --netui: audio-subnet validator --help lists the flags'],
  ];
  for (const [line, expected] of cases)
    it(`in "${line}" is an error that names it`, () => {
      expect(errorLine('validator', { line })).to.equal(expected);
    });
});

describe('help', () => {
  for (const program of PROGRAMS) {
    it(`of ${program} is given for --help and -h anywhere`, () => {
      for (const argv of [['--help'], ['-h'], ['--netuid', 'x', '--help'], ['--bogus', '--help']])
        expect(parseConfig(program, argv, surroundings)).to.deep.equal({
          kind: 'help',
          text: helpText(program),
        });
    });

    it(`of ${program} says what the table says of its flags, and of no others`, () => {
      const text = helpText(program).replace(/\s+/g, ' ');
      for (const [flag, setting] of settingsOf(program)) {
        // What comes from the environment alone is no flag.
        if (setting.type === 'secret') {
          expect(text).to.include(environmentName(flag, setting)).and.not.include(`--${flag} `);
          continue;
        }
        expect(text).to.match(new RegExp(`--${flag} [[<]`));
        const facts = `${unitText(setting)}; default: ${defaultText(setting)}; ${environmentName(flag, setting)}`;
        expect(text).to.include(`${setting.description} (${facts})`);
      }
      for (const flag of ALL_SETTINGS.keys())
        if (!settingsOf(program).has(flag)) expect(text).not.to.include(`--${flag} `);
    });
  }
});
