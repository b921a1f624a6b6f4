import { expect } from 'chai';
import { importPage } from '../../support/page-module.js';

interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

const STREAM =
  ': hello\n\nid: 1\nevent: task\ndata: {"a": "é"}\n\n: alive\n\nid: 2\r\ndata:first\r\ndata: second\r\n\r\n';
const EVENTS: readonly StreamEvent[] = [
  { id: '1', event: 'task', data: '{"a": "é"}' },
  { id: '2', event: 'message', data: 'first\nsecond' },
];

describe('EventParser', () => {
  let create: () => { push(text: string): readonly StreamEvent[] };

  before(async () => {
    const { EventParser } = await importPage<{ EventParser: new () => ReturnType<typeof create> }>(
      'event-stream',
    );
    create = () => new EventParser();
  });

  it('reads events, leaves comments out, and joins lines of data', () => {
    expect(create().push(STREAM)).to.deep.equal(EVENTS);
  });

  it('reads the same wherever the stream is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const parser = create();
      expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))]).to.deep.equal(EVENTS);
    }
  });

  it('keeps an event back until it is whole', () => {
    expect(create().push('data: half\n')).to.deep.equal([]);
  });
});
