import { expect } from 'chai';
import type { LeaseToken, SessionId, TaskId } from '../../../src/domain/ids.js';
import type { TaskKind } from '../../../src/domain/task.js';
import { reclaims, type Heap } from '../../../src/queue/reclaim.js';

function heap(session: string, kinds: readonly TaskKind[]): Heap {
  return {
    session: session as SessionId,
    deliveries: kinds.map((kind, place) => ({
      id: `${session}${place}` as TaskId,
      token: `${session}${place}` as LeaseToken,
      kind,
      deliverMs: place,
    })),
  };
}

const tts = (count: number): TaskKind[] => Array<TaskKind>(count).fill('tts');
const idler = (room: number, kinds: readonly TaskKind[] = []) => ({ room, kinds });
const taken = (heaps: readonly Heap[]) =>
  heaps.map(({ session, deliveries }) => [session, deliveries.map(({ token }) => token).join()]);

describe('reclaims()', () => {
  it('takes the later half of a heap', () => {
    expect(taken(reclaims([heap('a', tts(5))], [idler(8)]))).to.deep.equal([['a', 'a2,a3,a4']]);
  });

  it('takes a single one', () => {
    expect(taken(reclaims([heap('a', tts(1))], [idler(8)]))).to.deep.equal([['a', 'a0']]);
  });

  it('takes no more than the idle ones have room for, the largest heap first', () => {
    const heaps = [heap('a', tts(2)), heap('b', tts(6)), heap('c', tts(4))];
    expect(taken(reclaims(heaps, [idler(3), idler(1)]))).to.deep.equal([
      ['b', 'b3,b4,b5'],
      ['c', 'c3'],
    ]);
  });

  it('takes only kinds that somebody wants', () => {
    const mixed = heap('a', ['tts', 'summarization', 'tts', 'summarization']);
    expect(taken(reclaims([mixed], [idler(8, ['summarization'])]))).to.deep.equal([['a', 'a1,a3']]);
    expect(taken(reclaims([mixed], [idler(8, ['transcription'])]))).to.deep.equal([]);
  });

  it('takes nothing where nobody is idle or nobody sits', () => {
    expect(reclaims([heap('a', tts(5))], [])).to.deep.equal([]);
    expect(reclaims([heap('a', [])], [idler(8)])).to.deep.equal([]);
  });
});
