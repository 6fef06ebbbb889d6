import { describe, expect, it } from 'vitest';
import { type Facts, offeredLinks, offeredOptions } from '../flow.ts';
import { listPaths, listStates, neverReached, type Path } from '../paths.ts';
import { type Answer, answered, replay } from '../replay.ts';
import { aFinding } from '../testing/a-finding.ts';
import { everyFinding } from './connection/findings.ts';
import { connection } from './connection.ts';

const paths = listPaths(connection);
const states = listStates(connection);
const escalated = paths.filter((path) => path.outcome === 'escalate');

/** Where "node.option node.option …" leads; refuses a walk that the flow does not allow. */
function walked(walk: string): { readonly nodeId: string; readonly facts: Facts } {
  const answers = walk.split(' ').map((step): Answer => {
    const [node = '', answer = ''] = step.split('.');
    return { node, answer };
  });
  const { nodeId, facts, problem } = replay(connection, answers);
  if (problem) throw new Error(`cannot answer ${problem.node}.${problem.answer}: ${problem.reason}`);
  return { nodeId, facts };
}

const visits = (path: Path, node: string): boolean => path.answers.some((answer) => answer.node === node);

/** The paths that break a rule, a few of them: enough to see why, and not a hundred thousand lines. */
function breaking(among: readonly Path[], rule: (path: Path) => boolean): readonly Path[] {
  return among.filter((path) => !rule(path)).slice(0, 3);
}

describe('every path', () => {
  it('ends in an outcome, and there are as many as this', () => {
    const ends = new Map<string, number>();
    for (const { end } of paths) ends.set(end, (ends.get(end) ?? 0) + 1);
    const counts = [...ends].map(([end, count]) => `${end} ${count}`).join(', ');
    console.info(`connection: ${paths.length} paths, ${states.length} distinct pages (${counts})`);
    expect([...ends.keys()].sort()).toEqual(['delegated', 'escalate', 'insured_site', 'resolved']);
    // Whoever is looked up adds to them: each person and each way to practise that the directory may know is a way on.
    expect(paths.length).toBeLessThan(450_000);
  });

  it('is needed by some page, option or branch: nothing is out of reach', () => {
    expect(neverReached(connection)).toEqual({ nodes: [], edges: [] });
  });

  it('asks the same thing at most once', () => {
    const teaching = (fact: 'profession' | 'setting' | 'mode' | 'card'): ReadonlySet<string> =>
      new Set(
        Object.entries(connection.nodes).flatMap(([id, node]) =>
          node.kind === 'outcome'
            ? []
            : node.options.filter((option) => option.sets?.[fact]).map((option) => `${id}.${option.id}`),
        ),
      );
    for (const fact of ['profession', 'setting', 'mode', 'card'] as const) {
      const options = teaching(fact);
      const once = (path: Path): boolean =>
        path.answers.filter(({ node, answer }) => options.has(`${node}.${answer}`)).length <= 1;
      expect(breaking(paths, once)).toEqual([]);
    }
  });
});

describe('every path to a person', () => {
  it('has said for which place', () => {
    expect(breaking(escalated, ({ facts }) => facts.setting !== undefined)).toEqual([]);
  });

  it('has said how one practises where the place does not decide, and only there', () => {
    const decides = ({ facts }: Path): boolean =>
      facts.setting === 'establishment' || facts.setting === 'vaccination_centre';
    const rule = (path: Path): boolean =>
      decides(path)
        ? !visits(path, 'mode') && !visits(path, 'activity')
        : ['L', 'S', 'B'].includes(path.facts.mode ?? '');
    expect(breaking(escalated, rule)).toEqual([]);
  });

  it('has said which profession', () => {
    expect(breaking(escalated, ({ facts }) => facts.profession !== undefined)).toEqual([]);
  });

  it('reaches every place, mode and profession', () => {
    const values = (fact: 'setting' | 'mode' | 'profession'): unknown[] => [
      ...new Set(escalated.map(({ facts }) => facts[fact] ?? '')),
    ];
    expect(values('setting').sort()).toEqual(['establishment', 'other', 'practice', 'vaccination_centre']);
    expect(values('mode').sort()).toEqual(['', 'B', 'L', 'S']);
    expect(values('profession').sort()).toEqual(['10', '21', '40', '50', '60', '70', '80', 'none', 'other']);
  });
});

describe('every page', () => {
  const towardSomeone = new Set(['setting', 'case_you_are', 'place', 'mode', 'activity', 'case_profession']);

  it('offers "it works now"', () => {
    const without = states.filter(({ node: id, facts }) => {
      const node = connection.nodes[id];
      return (
        node &&
        node.kind !== 'outcome' &&
        !offeredOptions(connection, node, facts).some((option) => option.role === 'works')
      );
    });
    expect(without).toEqual([]);
  });

  it('offers one way to a person, and never two that mean the same', () => {
    for (const { node: id, facts } of states) {
      const node = connection.nodes[id];
      if (!node || node.kind === 'outcome' || towardSomeone.has(id)) continue;
      const offered = offeredOptions(connection, node, facts);
      const ways = offered.filter((option) => option.role === 'help' || option.to === 'setting');
      // "I have no card" also leads to a person, but says something else.
      expect([id, ways.length]).toEqual([id, id === 'card_at_hand' ? 2 : 1]);
    }
  });

  it('goes on from every instruction, whether it helped or not', () => {
    for (const [id, node] of Object.entries(connection.nodes)) {
      if (node.kind !== 'instruction') continue;
      expect([id, node.options.some(({ role }) => role === 'stuck' || role === 'next')]).toEqual([id, true]);
    }
  });
});

describe('what happens has its remedy, then what the notice prescribes', () => {
  it.each([
    ['code_sms', 'way.ecps problem.codes code_missing.sms', 'sms_not_received'],
    ['code_email', 'way.ecps problem.codes code_missing.email', 'email_not_received'],
    ['identifier_refused', 'way.ecps problem.app app_trouble.identifier', 'identifier_refused'],
    ['qr_not_read', 'way.ecps problem.app app_trouble.qr', 'qr_not_read'],
    ['login_fails', 'way.ecps problem.app app_trouble.fails', 'login_fails'],
    ['card_not_recognised', 'way.card problem.card card_trouble.not_recognised', 'card_not_recognised'],
    ['wrong_site', 'way.card problem.access access_trouble.wrong_site', 'wrong_site'],
  ])('%s', (symptom, walk, remedy) => {
    expect(walked(walk)).toMatchObject({ nodeId: remedy, facts: { symptom } });
    expect(walked(`${walk} ${remedy}.still_stuck`).nodeId).toBe('profession');
  });

  it.each([
    ['ecps_expired', 'way.ecps problem.app app_trouble.expired', 'ecps_expired'],
    ['new_phone', 'way.ecps problem.changed what_changed.phone', 'new_phone'],
    ['pin_blocked', 'way.card problem.card card_trouble.pin', 'pin_blocked'],
    ['card_lost', 'way.card problem.card card_trouble.lost', 'card_lost'],
    ['name_changed', 'way.ecps problem.changed what_changed.name', 'name_changed'],
    ['name_changed', 'way.card problem.name', 'name_changed'],
  ])('%s, whose remedy goes on in the next pages', (symptom, walk, remedy) => {
    expect(walked(walk)).toMatchObject({ nodeId: remedy, facts: { symptom } });
    expect(walked(`${walk} ${remedy}.next`).nodeId).toBe('profession');
  });

  it.each([
    ['code_both', 'way.ecps problem.codes code_missing.both'],
    ['new_contacts', 'way.ecps problem.changed what_changed.contacts'],
    ['never_activated', 'way.ecps problem.never_activated'],
    ['never_activated', 'way.unknown ways_explained.neither'],
    ['other', 'way.card problem.other'],
  ])('%s, whose remedy is the notice’s', (symptom, walk) => {
    expect(walked(walk)).toMatchObject({ nodeId: 'profession', facts: { symptom } });
  });

  it.each([
    ['after_sign_in', 'way.ecps problem.access access_trouble.signed_in', 'after_sign_in'],
    ['page_does_not_open', 'way.ecps problem.access access_trouble.page', 'page_does_not_open'],
    ['everything_down', 'way.ecps problem.everyone', 'everything_down'],
  ])('%s, which no contact detail can cure: a person at once', (symptom, walk, remedy) => {
    expect(walked(walk)).toMatchObject({ nodeId: remedy, facts: { symptom } });
    expect(walked(`${walk} ${remedy}.still_stuck`).nodeId).toBe('setting');
  });

  it('a successful e-CPS test means that the service or the rights are at fault', () => {
    expect(walked('way.ecps problem.app app_trouble.fails login_fails.test_succeeds')).toMatchObject({
      nodeId: 'after_sign_in',
      facts: { symptom: 'after_sign_in' },
    });
  });

  it('colleagues who are stuck too make it an incident; being the only one unmakes it', () => {
    const page = 'way.ecps problem.access access_trouble.page page_does_not_open.everyone';
    expect(walked(page)).toMatchObject({ nodeId: 'everything_down', facts: { symptom: 'everything_down' } });
    expect(walked(`${page} everything_down.only_me`)).toMatchObject({
      nodeId: 'profession',
      facts: { symptom: 'other' },
    });
  });

  it('an insured person is shown the right door at once', () => {
    expect(walked('way.insured').nodeId).toBe('insured_site');
  });

  it('offers each way in only what can happen there', () => {
    const offered = (way: string): readonly string[] =>
      replay(connection, [{ node: 'way', answer: way }]).options.map((option) => option.id);
    expect(offered('card')).not.toEqual(expect.arrayContaining(['codes']));
    expect(offered('card')).toContain('name');
    expect(offered('ecps')).toEqual(expect.arrayContaining(['codes', 'app', 'changed', 'card']));
    expect(offered('ecps')).not.toContain('name');
  });
});

describe('training', () => {
  const here = 'way.ecps problem.no_rpps';

  it.each([
    ['medicine', '10', 'cnom'],
    ['pharmacy', '21', 'cnop'],
    ['dentistry', '40', 'oncd'],
    ['midwifery', '50', 'cnosf'],
  ])(
    'in %s can activate: profession and Ordre are known without asking',
    (training, profession, authority) => {
      expect(walked(`${here} training.${training}`)).toMatchObject({
        nodeId: 'contacts',
        facts: { training, profession, authority },
      });
    },
  );

  it('in nursing cannot: the entry is delegated', () => {
    expect(walked(`${here} training.nursing`).nodeId).toBe('delegated');
  });

  it('of another kind depends on having a number or a card', () => {
    expect(walked(`${here} training.other_training training_card.no`).nodeId).toBe('delegated');
    expect(walked(`${here} training.other_training training_card.yes`).nodeId).toBe('profession');
  });

  it('does not concern staff without an RPPS number: their employer registers them', () => {
    expect(walked(`${here} training.staff`)).toMatchObject({
      nodeId: 'contacts',
      facts: { profession: 'none', authority: 'employer' },
    });
  });
});

describe('contact details', () => {
  it.each([
    ['doctor', '10', 'cnom', 'order.cnom'],
    ['pharmacist', '21', 'cnop', 'order.cnop'],
    ['dentist', '40', 'oncd', 'order.oncd'],
    ['midwife', '50', 'cnosf', 'order.cnosf'],
    ['nurse', '60', 'oni', 'order.oni'],
    ['physiotherapist', '70', 'cnomk', 'order.cnomk'],
    ['podiatrist', '80', 'onpp', 'order.onpp'],
    ['other_profession identifier.rpps', 'other', 'ars', 'ars'],
    ['staff', 'none', 'employer', 'rppsPlus'],
    ['armed_forces armed_forces.doctor', '10', 'ssa', 'ssa'],
    ['armed_forces armed_forces.midwife', '50', 'ssa', 'ssa'],
    ['armed_forces armed_forces.physiotherapist', '70', 'ssa', 'ssa'],
    ['armed_forces armed_forces.other_profession', 'other', 'ssa', 'ssa'],
    ['armed_forces armed_forces.staff', 'none', 'ssa', 'ssa'],
  ])('of %s are checked with the right authority', (answer, profession, authority, link) => {
    const { nodeId, facts } = walked(`way.ecps problem.other profession.${answer}`);
    expect({ nodeId, facts }).toMatchObject({ nodeId: 'contacts', facts: { profession, authority } });
    const { contacts } = connection.nodes;
    expect(contacts && offeredLinks(contacts, facts)).toEqual([link]);
  });

  it('keep the armed forces’ authority when help is asked for before the profession', () => {
    const walk = 'way.ecps problem.other profession.armed_forces armed_forces.help';
    expect(walked(`${walk} setting.establishment case_profession.doctor`).facts).toMatchObject({
      authority: 'ssa',
      profession: '10',
    });
  });
});

describe('the notice’s order', () => {
  const nurse = 'way.ecps problem.other profession.nurse';

  it('is contact details, activation by them, the card, then a person', () => {
    expect(walked(nurse).nodeId).toBe('contacts');
    expect(walked(`${nurse} contacts.correct`).nodeId).toBe('activate_by_contacts');
    const tried = `${nurse} contacts.unchecked activate_by_contacts.still_stuck`;
    expect(walked(tried).nodeId).toBe('card_at_hand');
    expect(walked(`${tried} card_at_hand.yes`).nodeId).toBe('activate_by_card');
    expect(walked(`${tried} card_at_hand.no`).nodeId).toBe('setting');
    expect(walked(`${tried} card_at_hand.yes activate_by_card.still_stuck`).nodeId).toBe('setting');
  });

  it('goes to the card at once while the contact details are being corrected', () => {
    expect(walked(`${nurse} contacts.waiting`).nodeId).toBe('card_at_hand');
  });

  it('never proposes the contact route to whoever has only an ADELI number', () => {
    const adeli = paths.filter((path) => path.facts.identifier === 'adeli');
    expect(
      breaking(adeli, (path) => !visits(path, 'activate_by_contacts') && !visits(path, 'contacts')),
    ).toEqual([]);
    expect(walked('way.ecps problem.other profession.other_profession identifier.adeli').nodeId).toBe(
      'card_at_hand',
    );
  });

  it('never proposes a card that is blocked or lost', () => {
    const without = paths.filter((path) => ['blocked', 'lost'].includes(path.facts.card ?? ''));
    expect(without.length).toBeGreaterThan(0);
    expect(breaking(without, (path) => !visits(path, 'card_at_hand'))).toEqual([]);
  });

  it('never sends anybody to the card before the contact details, but for an ADELI number alone', () => {
    const byCard = paths.filter((path) => visits(path, 'activate_by_card'));
    expect(breaking(byCard, (path) => visits(path, 'contacts') || path.facts.identifier === 'adeli')).toEqual(
      [],
    );
  });

  it('can be left for a person from any page, and back to the rest of the questions only', () => {
    expect(walked('way.help').nodeId).toBe('setting');
    expect(walked('way.help setting.practice mode.both activity.independent').nodeId).toBe('case_profession');
    expect(walked(`${nurse} contacts.help setting.practice mode.both activity.salaried`)).toMatchObject({
      nodeId: 'escalate',
      facts: { setting: 'practice', mode: 'S', profession: '60' },
    });
  });
});

describe('whoever is looked up', () => {
  /** What remains to be asked once this was found and confirmed, choosing the first answer of each page. */
  function askedOf(start: readonly Answer[], node: string, facts: Facts, confirm = 'me') {
    const page = node === 'profession' ? 'you_are' : 'case_you_are';
    let answers: readonly Answer[] = [
      ...start,
      { node, answer: 'look_up', typed: '10000000009', found: aFinding({ facts }) },
    ];
    answers = answered(connection, answers, { node: page, answer: confirm }) ?? [];
    const asked: string[] = [];
    for (let here = replay(connection, answers); ; here = replay(connection, answers)) {
      expect(here.problem).toBeUndefined();
      if (here.node.kind === 'outcome') return { asked, facts: here.facts, end: here.nodeId };
      asked.push(here.nodeId);
      const option = here.options.find(({ role, lookUp }) => role !== 'works' && role !== 'help' && !lookUp);
      if (!option) throw new Error(`${here.nodeId} offers nothing`);
      answers = [...answers, { node: here.nodeId, answer: option.id }];
    }
  }
  const nurse = { profession: '60', authority: 'oni' };
  const help: readonly Answer[] = [{ node: 'way', answer: 'help' }];
  const diagnosis: readonly Answer[] = [
    { node: 'way', answer: 'ecps' },
    { node: 'problem', answer: 'other' },
  ];

  it.each([
    ['L in a practice', { mode: 'L', setting: 'practice' }, []],
    ['S in an establishment', { mode: 'S', setting: 'establishment' }, []],
    ['L and S, places unknown', { practises: 'both' }, ['place']],
    ['L in a practice, S elsewhere', { practises: 'both', in_practice: 'L' }, ['place']],
    ['L and S in a practice', { practises: 'both', setting: 'practice' }, ['activity']],
    ['L and S in an establishment: the place decides', { practises: 'both', setting: 'establishment' }, []],
    ['L, place unknown', { mode: 'L' }, ['place']],
    ['none, as a stand-in or a student', {}, ['place']],
  ])('is asked only what the directory leaves open: %s', (_, facts, asked) => {
    expect(askedOf(help, 'setting', { ...nurse, ...facts })).toMatchObject({ asked, end: 'escalate' });
  });

  it('L and S, when the place does not decide either, says for which activity', () => {
    const { nodeId } = replay(connection, [
      ...help,
      { node: 'setting', answer: 'look_up', found: aFinding() },
      { node: 'case_you_are', answer: 'me', learnt: { ...nurse, practises: 'both' } },
      { node: 'place', answer: 'practice' },
    ]);
    expect(nodeId).toBe('activity');
  });

  it.each([
    ['L', 'practice', 'L', 'escalate'],
    ['S', 'practice', 'S', 'escalate'],
    ['L', 'establishment', undefined, 'escalate'],
    ['L', 'elsewhere', undefined, 'activity'],
  ])(
    '%s in a practice and the other in a hospital, connecting for “%s”, practises there as %s',
    (inPractice, place, mode, end) => {
      const { nodeId, facts } = replay(connection, [
        ...help,
        { node: 'setting', answer: 'look_up', found: aFinding() },
        {
          node: 'case_you_are',
          answer: 'me',
          learnt: { ...nurse, practises: 'both', in_practice: inPractice },
        },
        { node: 'place', answer: place },
      ]);
      expect([nodeId, facts.mode]).toEqual([end, mode]);
    },
  );

  it('declares a vaccination centre, which the directory cannot know', () => {
    const found = { ...nurse, mode: 'L', setting: 'practice' };
    expect(askedOf(help, 'setting', found, 'me_in_centre')).toMatchObject({
      asked: [],
      facts: { setting: 'vaccination_centre', profession: '60' },
    });
  });

  it('with several professions says which, and those of the armed forces keep their authority', () => {
    expect(askedOf(diagnosis, 'profession', {}).asked[0]).toBe('which_profession');
    expect(askedOf(diagnosis, 'profession', { authority: 'ssa' })).toMatchObject({
      facts: { authority: 'ssa' },
    });
    expect(askedOf(help, 'setting', { mode: 'L', setting: 'practice' }).asked).toEqual(['case_profession']);
  });

  it('by an ADELI number is sent to the card, as whoever says so is', () => {
    const found = { identifier: 'adeli', profession: 'other', authority: 'ars' };
    expect(askedOf(diagnosis, 'profession', found).asked[0]).toBe('card_at_hand');
  });

  it.each(everyFinding)('comes to a person or a remedy, whatever was found: %j', (facts) => {
    for (const confirm of ['me', 'me_in_centre']) {
      for (const { facts: known, end } of [
        askedOf(diagnosis, 'profession', facts, confirm),
        askedOf(help, 'setting', facts, confirm),
      ]) {
        expect(end).toBe('escalate');
        expect(known.profession).toBeDefined();
        expect(known.setting).toBeDefined();
      }
    }
  });

  it('and is not that person, is asked again as if nothing had been typed', () => {
    const answers = answered(
      connection,
      [...diagnosis, { node: 'profession', answer: 'look_up', typed: '1', found: aFinding() }],
      { node: 'you_are', answer: 'not_me' },
    );
    expect(answers).toEqual(diagnosis);
  });

  it('teaches nothing before it is confirmed', () => {
    const { facts } = replay(connection, [
      ...diagnosis,
      { node: 'profession', answer: 'look_up', typed: '1', found: aFinding() },
    ]);
    expect(facts).toEqual({ way: 'ecps', symptom: 'other' });
  });

  it('leaves the answers of version 1 valid', () => {
    const walk = 'way.ecps problem.other profession.nurse contacts.correct activate_by_contacts.still_stuck';
    expect(walked(`${walk} card_at_hand.no setting.practice mode.both activity.salaried`).nodeId).toBe(
      'escalate',
    );
  });
});
