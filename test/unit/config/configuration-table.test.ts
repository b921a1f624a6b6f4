import { expect } from 'chai';
import { configurationTable } from '../../../src/config/configuration-table.js';
import { ALL_SETTINGS } from '../../../src/config/settings.js';

describe('configurationTable()', () => {
  const lines = configurationTable().trimEnd().split('\n');

  it('has a head and one row for each setting', () => {
    expect(lines[0]).to.equal('| name | environment | unit | default | programs | meaning |');
    expect(lines[1]).to.equal('| --- | --- | --- | --- | --- | --- |');
    expect(lines.length).to.equal(2 + ALL_SETTINGS.size);
  });

  it('has six cells in each row', () => {
    for (const line of lines) expect(line.split(/(?<!\\)\|/).length, line).to.equal(8);
  });

  it('says unit, range, default and programs', () => {
    expect(lines).to.include(
      '| `--proxy_check_interval` | `PROXY_CHECK_INTERVAL` | seconds, 0.1 to 86400 | `30` | up, validator | ' +
        'time between two checks for tasks while the proxy cannot be streamed from |',
    );
    expect(lines).to.include(
      '| `--logging.debug` | `AUDIO_SUBNET_LOGGING_DEBUG` | true or false | `false` | all | log debug lines too |',
    );
  });

  it('has nothing outside code that could be a tag', () => {
    for (const line of lines) expect(line.replace(/`[^`]*`/g, '')).not.to.include('<');
  });
});
