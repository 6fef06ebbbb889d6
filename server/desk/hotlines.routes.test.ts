import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { findHotline } from '../routing/configuration.ts';
import { configurationChanges } from '../routing/configuration-changes.table.ts';
import { documentOf } from '../routing/hotline-document.ts';
import { loadConfiguration } from '../routing/load-configuration.ts';
import { saveHotline } from '../routing/save-hotline.ts';
import { aCase, anAgent, type TestAgent } from '../testing/builders.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { sentence } from '../testing/page-visitor.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const line = '/desk/hotlines/liberaux';
const newHours = `${line}/timetables/new`;
const newDay = `${line}/exceptions/new`;

const week = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [`day-${day}`, '8h30-12h30, 13:30-17:30']));
const hours = { known: 'yes', holidays: 'closed', ...week };

async function supervisor(overrides: Partial<TestAgent> = {}) {
  const agent = await anAgent(database.db, { role: 'supervisor', name: 'Sophie', ...overrides });
  return { agent, visitor: await deskVisitor(server, agent) };
}

async function stored(id = 'liberaux') {
  const found = findHotline(await loadConfiguration(database.db), id);
  if (!found) throw new Error(`no line ${id}`);
  return documentOf(found);
}

/** The version that the form of a page was made for. */
function versionIn(body: string): string {
  return /name="version" value="(\d+)"/.exec(body)?.[1] ?? '';
}

async function versionNow(visitor: Awaited<ReturnType<typeof supervisor>>['visitor'], url: string) {
  return versionIn((await visitor.get(url)).body);
}

/** Puts 3608 back as the notice gives it. */
async function withoutHours(agent: TestAgent) {
  const { timetables: _, exceptions: __, ...rest } = await stored();
  const history = await database.db
    .select()
    .from(configurationChanges)
    .where(eq(configurationChanges.subject, 'hotline:liberaux'));
  const version = history.length;
  const document = { ...rest, timetables: [], exceptions: [] };
  await saveHotline(database.db, { agent, id: 'liberaux', version, document }, server.clock.now());
}

describe('who may', () => {
  test('an agent looks at the lines, and is offered nothing to change', async () => {
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const list = await visitor.get('/desk/hotlines');
    expect(list.statusCode).toBe(200);
    expect(list.body).toContain('0 800 08 12 07');
    expect(list.body).toContain(sentence('routing.openings.unknown'));
    const page = await visitor.get(line);
    expect(page.body).not.toContain('/timetables/new');
    for (const url of [newHours, `${line}/details`]) {
      const refused = await visitor.get(url);
      expect(refused.statusCode, url).toBe(403);
      expect(refused.body).toContain(sentence('problems.supervisors-only.detail'));
    }
    const sent = await visitor.post(newHours, { ...hours, version: '0', do: 'save' });
    expect(sent.statusCode).toBe(403);
    expect((await stored()).timetables).toEqual([]);
  });

  test('a line or a part that is not there is not found', async () => {
    const { visitor } = await supervisor();
    for (const url of ['/desk/hotlines/nowhere', `${line}/timetables/2031-01-01`, '/desk/hotlines/new']) {
      expect((await visitor.get(url)).statusCode, url).toBe(404);
    }
  });
});

describe('hours', () => {
  test('are shown before they are saved, then saved, told everywhere, and written down', async () => {
    const { agent, visitor } = await supervisor();
    const before = await visitor.post(newHours, { ...hours, version: '0', do: 'preview' }, newHours);
    expect(before.statusCode).toBe(200);
    expect(before.body).toContain('08:30–12:30, 13:30–17:30');
    expect(before.body).toContain('value="8h30-12h30, 13:30-17:30"');
    expect(before.body).toContain(sentence('desk-hotlines.preview.unsaved'));
    expect((await stored()).timetables).toEqual([]);
    const card = () => server.app.inject({ url: '/api/hotlines/liberaux/opening' });
    expect((await card()).json()).toMatchObject({ state: 'unknown' });

    const version = versionIn(before.body);
    const saved = await visitor.post(newHours, { ...hours, version, do: 'save' }, newHours);
    expect(saved.statusCode).toBe(303);
    expect(saved.headers.location).toBe(line);
    expect((await card()).json()).toMatchObject({ state: 'open', closesAt: '2026-11-23T12:30:00+01:00' });
    const help = await server.app.inject({ url: '/aide', headers: { accept: 'text/html' } });
    expect(help.body).not.toContain(sentence('routing.openings.unknown'));
    server.clock.set('2026-11-23T12:45:00+01:00');
    expect((await card()).json()).toMatchObject({ state: 'closed', opensAt: '2026-11-23T13:30:00+01:00' });
    server.clock.set('2026-11-23T10:00:00+01:00');

    const page = await visitor.get(line);
    expect(page.body).toContain('Sophie');
    expect(page.body).toContain('du lundi au vendredi\u00a0: 08:30–12:30, 13:30–17:30');
    expect(page.body).not.toContain(sentence('desk-hotlines.otherDates'));
    await withoutHours(agent);
  });

  test('from a day on leave the past untouched, and what follows a last day', async () => {
    const { agent, visitor } = await supervisor();
    const send = async (fields: Readonly<Record<string, string>>) =>
      visitor.post(newHours, {
        ...hours,
        ...fields,
        version: await versionNow(visitor, newHours),
        do: 'save',
      });
    await send({});
    await send({ validFrom: '2027-07-01', lastDay: '2027-08-31', 'day-1': '10-12' });
    await send({ validFrom: '2028-01-01', known: 'no' });
    expect((await visitor.get(line)).body).toContain(sentence('desk-hotlines.otherDates'));
    expect((await stored()).timetables.map(({ validFrom, validTo }) => [validFrom, validTo])).toEqual([
      [null, '2027-07-01'],
      ['2027-07-01', '2027-09-01'],
      ['2027-09-01', '2028-01-01'],
    ]);
    await withoutHours(agent);
  });

  test.each([
    ['unreadable', { 'day-1': 'le matin' }, 'day-1', 'desk-hotlines.errors.hours'],
    ['overlapping', { 'day-2': '9:00-12:00, 11:00-14:00' }, 'day-2', 'configuration.errors.intervalsOverlap'],
    ['closing first', { 'day-3': '14:00-9:00' }, 'day-3', 'configuration.errors.closesBeforeOpening'],
    ['past midnight', { 'day-4': '20:00-24:30' }, 'day-4', 'desk-hotlines.errors.hours'],
    ['opening at midnight’s end', { 'day-4': '24:00-24:00' }, 'day-4', 'configuration.errors.time'],
    [
      'ending before they begin',
      { validFrom: '2027-02-02', lastDay: '2027-01-01' },
      'lastDay',
      'configuration.errors.endBeforeStart',
    ],
    ['on no date', { validFrom: '2027-02-30' }, 'validFrom', 'configuration.errors.date'],
    ['silent on holidays', { holidays: '' }, 'holidays-0', 'desk-hotlines.errors.holidays'],
  ])('%s are refused at their field, with all that was typed', async (_, changes, field, key) => {
    const { visitor } = await supervisor();
    for (const action of ['preview', 'save']) {
      const fields = { ...hours, ...changes, version: await versionNow(visitor, newHours) };
      const answer = await visitor.post(newHours, { ...fields, do: action }, newHours);
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain(`href="#${field}"`);
      expect(answer.body).toContain(sentence(key));
      for (const typed of Object.values(changes))
        if (typed) expect(answer.body).toContain(`value="${typed}"`);
      expect(answer.body).toContain('value="8h30-12h30, 13:30-17:30"');
    }
    expect((await stored()).timetables).toEqual([]);
  });

  test('that hold already over the period are refused', async () => {
    const { agent, visitor } = await supervisor();
    const version = () => versionNow(visitor, newHours);
    const from = { validFrom: '2027-03-01', lastDay: '2027-03-31' };
    await visitor.post(newHours, { ...hours, ...from, version: await version(), do: 'save' }, newHours);
    const again = { validFrom: '2027-03-15' };
    const answer = await visitor.post(
      newHours,
      { ...hours, ...again, version: await version(), do: 'save' },
      newHours,
    );
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(sentence('configuration.errors.timetablesOverlap'));
    await withoutHours(agent);
  });
});

test('a form that was open for too long is shown again with all that was typed', async () => {
  const { visitor } = await supervisor();
  const answer = await visitor.post(newHours, { ...hours, token: 'old', version: '0', do: 'save' }, newHours);
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toContain(sentence('problems.stale-form.detail'));
  expect(answer.body).toContain('value="8h30-12h30, 13:30-17:30"');
  expect((await stored()).timetables).toEqual([]);
});

describe('two supervisors at once', () => {
  test('the second keeps what they typed, and reads what the first saved', async () => {
    const [first, second] = [await supervisor({ name: 'Première' }), await supervisor({ name: 'Deuxième' })];
    const version = await versionNow(second.visitor, newHours);
    await first.visitor.post(newDay, { day: '2026-12-24', kind: 'strike', version, do: 'save' }, newDay);
    const late = { ...hours, 'day-6': '9:00-12:00', version, do: 'save' };
    const refused = await second.visitor.post(newHours, late, newHours);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('value="9:00-12:00"');
    expect(refused.body).toContain(sentence('desk-hotlines.meanwhile.title'));
    expect(refused.body).toContain('Première');
    expect(refused.body).toContain('Exception du 24 décembre 2026');
    expect((await stored()).timetables).toEqual([]);

    const again = await second.visitor.post(
      newHours,
      { ...late, version: versionIn(refused.body) },
      newHours,
    );
    expect(again.statusCode).toBe(303);
    expect((await stored()).exceptions).toHaveLength(1);
    expect((await stored()).timetables).toHaveLength(1);
    await withoutHours(first.agent);
  });

  test('of two saves that race, one is refused', async () => {
    const { agent, visitor } = await supervisor();
    const version = Number(await versionNow(visitor, newHours));
    const document = { ...(await stored()), phone: '36 08' };
    const saves = await Promise.allSettled(
      [1, 2, 3].map(() =>
        saveHotline(database.db, { agent, id: 'liberaux', version, document }, server.clock.now()),
      ),
    );
    expect(saves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = saves.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ statusCode: 409, code: 'configuration-changed' });
    await saveHotline(
      database.db,
      { agent, id: 'liberaux', version: version + 1, document: { ...document, phone: '3608' } },
      server.clock.now(),
    );
  });
});

describe('days unlike the others', () => {
  test('are added, with a reason of their own when none is written, changed and removed', async () => {
    const { visitor } = await supervisor();
    const etablissements = '/desk/hotlines/etablissements';
    const add = `${etablissements}/exceptions/new`;
    const send = async (url: string, fields: Readonly<Record<string, string>>) =>
      visitor.post(url, { version: await versionNow(visitor, url), do: 'save', ...fields }, url);
    expect((await send(add, { day: '2026-11-24', kind: 'strike' })).statusCode).toBe(303);
    const strike = { day: '2026-11-24', intervals: [], note: { fr: 'grève', en: 'strike' } };
    expect((await stored('etablissements')).exceptions).toEqual([strike]);
    const opening = await server.app.inject({
      url: '/api/hotlines/etablissements/opening?at=2026-11-24T10:00:00%2B01:00',
    });
    expect(opening.json()).toMatchObject({ state: 'closed', reasonCode: 'exception' });

    const twice = await send(add, { day: '2026-11-24', kind: 'special', hours: '10-16' });
    expect(twice.statusCode).toBe(422);
    expect(twice.body).toContain(sentence('configuration.errors.exceptionTwice'));
    expect(twice.body).toContain('value="10-16"');

    const edit = `${etablissements}/exceptions/2026-11-24`;
    await send(edit, { day: '2026-12-25', kind: 'usual', noteFr: '' });
    expect((await stored('etablissements')).exceptions).toEqual([
      {
        day: '2026-12-25',
        intervals: [{ opensAt: '09:00', closesAt: '20:00' }],
        note: { fr: 'ouverte ce jour férié', en: 'open on this public holiday' },
      },
    ]);
    await send(`${etablissements}/exceptions/2026-12-25`, { do: 'remove' });
    expect((await stored('etablissements')).exceptions).toEqual([]);
  });

  test('cannot be usual where nothing is, nor special without hours', async () => {
    const { visitor } = await supervisor();
    for (const [fields, key] of [
      [{ kind: 'usual' }, 'desk-hotlines.errors.noUsualHours'],
      [{ kind: 'special' }, 'desk-hotlines.errors.specialHours'],
      [{ kind: '' }, 'desk-hotlines.errors.kind'],
    ] as const) {
      const version = await versionNow(visitor, newDay);
      const answer = await visitor.post(
        newDay,
        { day: '2026-12-24', ...fields, version, do: 'save' },
        newDay,
      );
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain(sentence(key));
    }
  });
});

describe('a line', () => {
  const details = {
    nameFr: 'Outre-mer',
    nameEn: 'Overseas',
    phone: '0 800 00 00 00',
    costFr: 'gratuit',
    costEn: 'free',
    zone: 'indian/reunion',
    holidayCalendar: 'reunion',
  };
  const add = '/desk/hotlines/new/details';

  test('is added, in the usual spelling of its zone, and ended when no rule needs it', async () => {
    const { visitor } = await supervisor();
    const added = await visitor.post(add, { ...details, id: 'outre-mer', version: '0', do: 'save' }, add);
    expect(added.headers.location).toBe('/desk/hotlines/outre-mer');
    expect(await stored('outre-mer')).toMatchObject({ zone: 'Indian/Reunion', holidayCalendar: 'reunion' });
    expect((await server.app.inject({ url: '/api/hotlines' })).json()).toHaveLength(3);

    const edit = '/desk/hotlines/outre-mer/details';
    const ended = { ...details, lastDay: '2026-11-22', version: '1', do: 'save' };
    expect((await visitor.post(edit, ended, edit)).statusCode).toBe(303);
    expect((await server.app.inject({ url: '/api/hotlines' })).json()).toHaveLength(2);
  });

  test.each([
    ['a zone that does not exist', { zone: 'Europe/Lutece' }, 'zone', 'configuration.errors.zone'],
    ['a number that is none', { phone: 'douze' }, 'phone', 'configuration.errors.phone'],
    ['no name', { nameEn: ' ' }, 'nameEn', 'configuration.errors.words'],
    ['an id that is taken', { id: 'liberaux' }, 'id', 'configuration.errors.idTaken'],
    ['an id that is none', { id: 'Été' }, 'id', 'configuration.errors.id'],
    ['an unknown calendar', { holidayCalendar: 'mars' }, 'holidayCalendar', 'configuration.errors.calendar'],
  ])('is not added with %s', async (_, changes, field, key) => {
    const { visitor } = await supervisor();
    const fields = { ...details, id: 'neuve', ...changes, version: '0', do: 'save' };
    const answer = await visitor.post(add, fields, add);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(`href="#${field}"`);
    expect(answer.body).toContain(sentence(key));
    expect(answer.body).toContain('value="0 800 00 00 00"'.replace('0 800 00 00 00', fields.phone));
  });

  test('that still holds open cases says how many before it is ended, and afterwards; they stay its own', async () => {
    const { visitor, agent } = await supervisor();
    await visitor.post(add, { ...details, id: 'pleine', version: '0', do: 'save' }, add);
    const edit = '/desk/hotlines/pleine/details';
    const told = (kind: string, count: number) => sentence(`desk-hotlines.openCases.${kind}`, { count });
    expect((await visitor.get(edit)).body).not.toContain('notice');
    const [opened] = [
      await aCase(database.db, { hotlineId: 'pleine' }),
      await aCase(database.db, { hotlineId: 'pleine', state: 'pending', assigneeId: agent.id }),
      await aCase(database.db, { hotlineId: 'pleine', state: 'resolved' }),
    ];
    server.deps.doorbell.ring();
    expect((await visitor.get(edit)).body).toContain(told('ending', 2));
    expect((await visitor.get('/desk/hotlines/pleine')).body).not.toContain(told('ended', 2));
    const ended = { ...details, lastDay: '2026-11-22', version: '1' };
    expect((await visitor.post(edit, { ...ended, do: 'preview' }, edit)).body).toContain(told('ending', 2));
    await visitor.post(edit, { ...ended, do: 'save' }, edit);
    const { body } = await visitor.get('/desk/hotlines/pleine');
    expect(body).toContain(told('ended', 2));
    expect(body).toContain('href="/desk?ligne&#x3D;pleine"');
    const mine = await deskVisitor(server, await anAgent(database.db, { hotlines: ['pleine'] }));
    expect((await mine.get('/desk')).body).toContain(opened?.number);
  });

  test('that rules still need is not ended', async () => {
    const { visitor } = await supervisor();
    const edit = `${line}/details`;
    const { name, cost, phone, zone, holidayCalendar } = await stored();
    const same = { nameFr: name.fr, nameEn: name.en, costFr: cost.fr, costEn: cost.en, phone, zone };
    const version = await versionNow(visitor, edit);
    const end = { ...same, holidayCalendar, lastDay: '2027-01-31', version, do: 'save' };
    const answer = await visitor.post(edit, end, edit);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('href="#lastDay"');
    expect(answer.body).toContain(sentence('configuration.errors.neededAfter'));
  });
});

test('history is only ever added to', async () => {
  for (const statement of [
    `update configuration_changes set version = 9`,
    'delete from configuration_changes',
    'truncate configuration_changes',
  ]) {
    await expect(database.connection.pool.query(statement)).rejects.toThrow('only ever added');
  }
});
