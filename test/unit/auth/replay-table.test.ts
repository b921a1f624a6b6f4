import { expect } from 'chai';
import { ReplayTable } from '../../../src/auth/replay-table.js';

describe('ReplayTable', () => {
  const table = () => new ReplayTable({ retentionMs: 100, maxPerHotkey: 2, maxMarks: 3 });
  const mark = (hotkey: string, uuid: string, nonceNs: bigint) => ({ hotkey, uuid, nonceNs });

  it('takes only nonces that grow, by hotkey and uuid', () => {
    const marks = table();
    expect(marks.take(mark('a', 'u', 5n), 0)).to.equal('fresh');
    expect(marks.take(mark('a', 'u', 5n), 0)).to.equal('repeated');
    expect(marks.take(mark('a', 'u', 4n), 0)).to.equal('repeated');
    expect(marks.take(mark('a', 'u', 6n), 0)).to.equal('fresh');
    expect(marks.take(mark('a', 'v', 1n), 0)).to.equal('fresh');
  });

  it('is bounded for each hotkey and altogether, and never forgets early', () => {
    const marks = table();
    expect(marks.take(mark('a', '1', 1n), 0)).to.equal('fresh');
    expect(marks.take(mark('a', '2', 1n), 0)).to.equal('fresh');
    expect(marks.take(mark('a', '3', 1n), 0)).to.equal('full');
    expect(marks.take(mark('b', '1', 1n), 0)).to.equal('fresh');
    expect(marks.take(mark('c', '1', 1n), 0)).to.equal('full');
    expect(marks.size).to.equal(3);
    expect(marks.take(mark('a', '1', 1n), 99)).to.equal('repeated');
  });

  it('forgets after its time, which a newer call prolongs', () => {
    const marks = table();
    marks.take(mark('a', '1', 1n), 0);
    marks.take(mark('a', '2', 1n), 0);
    marks.take(mark('a', '1', 2n), 50);
    expect(marks.take(mark('a', '3', 1n), 100)).to.equal('fresh');
    expect(marks.size).to.equal(2);
    expect(marks.take(mark('a', '1', 2n), 149)).to.equal('repeated');
  });
});
