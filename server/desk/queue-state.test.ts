import { describe, expect, test } from 'vitest';
import { byTurn, type Item, mineFirst, queueState } from '../../templates/assets/desk/queue-state.js';

const me = 'agent-me';

function item(overrides: Partial<Item> = {}): Item {
  return {
    number: 'VC-100001',
    version: 1,
    hotline: 'etablissements',
    state: 'waiting',
    rank: 2,
    returnedAt: null,
    waitingSince: 1000,
    assignee: '',
    ...overrides,
  };
}

function numbers(items: readonly Item[]): readonly string[] {
  return items.map(({ number }) => number);
}

describe('the order of the queue', () => {
  test('who came back goes first, then priority, then who waits longest, then the older number', () => {
    const inOrder = [
      item({ number: 'VC-100009', returnedAt: 7000, rank: 3, waitingSince: 6000 }),
      item({ number: 'VC-100008', returnedAt: 8000, rank: 0, waitingSince: 5000 }),
      item({ number: 'VC-100007', rank: 0, waitingSince: 9000 }),
      item({ number: 'VC-100006', rank: 2, waitingSince: 1000 }),
      item({ number: 'VC-100005', rank: 2, waitingSince: 2000 }),
      item({ number: 'VC-1000040', rank: 2, waitingSince: 2000 }),
    ];
    for (const [place] of inOrder.entries()) {
      const turned = [...inOrder.slice(place), ...inOrder.slice(0, place)];
      expect(numbers(turned.sort(byTurn))).toEqual(numbers(inOrder));
    }
  });

  test('my own cases go before the others that are being followed', () => {
    const theirs = item({ number: 'VC-1', assignee: 'agent-other', waitingSince: 1 });
    const mine = item({ number: 'VC-2', assignee: me, waitingSince: 2 });
    expect([theirs, mine].sort(mineFirst(me))).toEqual([mine, theirs]);
  });
});

describe('news of the queue', () => {
  test('a case moves from section to section with its state', () => {
    const list = queueState(me);
    expect(list.put(item())).toBe('put');
    expect(list.put(item({ version: 2, state: 'in_progress', assignee: me }))).toBe('put');
    expect(numbers(list.list('waiting'))).toEqual([]);
    expect(numbers(list.list('in_progress'))).toEqual(['VC-100001']);
  });

  test.each([1, 2])('version %i, told after version 2 was shown, is ignored', (version) => {
    const list = queueState(me);
    list.put(item({ version: 2, state: 'in_progress', assignee: me }));
    expect(list.put(item({ version }))).toBe('ignored');
    expect(list.find('VC-100001')?.state).toBe('in_progress');
  });

  test('a case that is no longer open leaves, and older news does not bring it back', () => {
    const list = queueState(me);
    list.put(item());
    expect(list.put(item({ version: 3, state: 'resolved' }))).toBe('removed');
    expect(list.put(item({ version: 2 }))).toBe('ignored');
    expect(list.find('VC-100001')).toBeUndefined();
    expect(list.put(item({ version: 4 }))).toBe('put');
  });

  test('a case that is removed at a version older than the one shown stays', () => {
    const list = queueState(me);
    list.put(item({ version: 3 }));
    expect(list.remove('etablissements', 'VC-100001', 2)).toBe(false);
    expect(list.remove('etablissements', 'VC-100001', 3)).toBe(true);
    expect(list.find('VC-100001')).toBeUndefined();
  });

  describe('a transfer, told by both hotlines under one version', () => {
    const arrived = item({ version: 2, hotline: 'liberaux' });

    test('leaves and then arrives', () => {
      const list = queueState(me);
      list.put(item());
      expect(list.remove('etablissements', 'VC-100001', 2)).toBe(true);
      expect(list.put(arrived)).toBe('put');
      expect(list.find('VC-100001')).toEqual(arrived);
    });

    test('arrives before it is told to have left', () => {
      const list = queueState(me);
      list.put(item());
      expect(list.put(arrived)).toBe('put');
      expect(list.remove('etablissements', 'VC-100001', 2)).toBe(false);
      expect(list.find('VC-100001')).toEqual(arrived);
    });

    test('is resolved on the new line before the old line catches up', () => {
      const list = queueState(me);
      list.put(item());
      list.put(arrived);
      list.remove('liberaux', 'VC-100001', 3);
      expect(list.put(item({ version: 1 }))).toBe('ignored');
      expect(list.remove('etablissements', 'VC-100001', 2)).toBe(false);
      expect(list.find('VC-100001')).toBeUndefined();
    });
  });

  test('a whole queue replaces what was shown of that hotline, and nothing of the others', () => {
    const list = queueState(me);
    list.put(item({ number: 'VC-1' }));
    list.put(item({ number: 'VC-2' }));
    list.put(item({ number: 'VC-3', hotline: 'liberaux' }));
    const now = [item({ number: 'VC-2' }), item({ number: 'VC-4' })];
    expect(list.replace('etablissements', now, false)).toEqual(['VC-1']);
    expect(now.map((each) => list.put(each))).toEqual(['ignored', 'put']);
    expect(numbers(list.list('waiting'))).toEqual(['VC-2', 'VC-3', 'VC-4']);
  });
});

describe('a queue longer than what is told of it', () => {
  const near = item({ number: 'VC-1', waitingSince: 1000 });
  const last = item({ number: 'VC-2', waitingSince: 2000 });
  const far = item({ number: 'VC-3', waitingSince: 3000 });

  function truncatedList() {
    const list = queueState(me);
    list.replace('etablissements', [near, last], true);
    list.put(near);
    list.put(last);
    return list;
  }

  test('shows nothing beyond the last case told, whose predecessors are not known', () => {
    const list = truncatedList();
    expect(list.put(far)).toBe('ignored');
    expect(list.put({ ...far, hotline: 'liberaux' })).toBe('put');
  });

  test('drops what moves beyond it, and takes it back when it is told again', () => {
    const list = truncatedList();
    const lowered = { ...near, rank: 3, version: 2 };
    expect(list.put(lowered)).toBe('removed');
    expect(list.replace('etablissements', [last, lowered], false)).toEqual([]);
    expect(list.put(lowered)).toBe('put');
  });

  test('is asked for again when little of it is left', () => {
    const list = truncatedList();
    expect(list.runsShort('etablissements')).toBe(true);
    expect(list.runsShort('liberaux')).toBe(false);
    list.replace('etablissements', [near, last], false);
    expect(list.runsShort('etablissements')).toBe(false);
  });
});
