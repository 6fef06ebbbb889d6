import { describe, expect, test } from 'vitest';
import type { RoutingRule } from '../routing/configuration.ts';
import { loadConfiguration } from '../routing/load-configuration.ts';
import { saveRoutingRules } from '../routing/save-routing-rules.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { type DeskVisitor, deskVisitor } from '../testing/desk-visitor.ts';
import { escaped, sentence } from '../testing/page-visitor.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { rowsOf } from './routing-rules-form.ts';

const database = testDatabase();
const server = testApp(database);
const path = '/desk/routing-rules';

async function supervisor() {
  const agent = await anAgent(database.db, { role: 'supervisor', name: 'Sophie' });
  return { agent, visitor: await deskVisitor(server, agent) };
}

async function storedRules(): Promise<readonly RoutingRule[]> {
  return (await loadConfiguration(database.db)).rules;
}

/** The form's fields for these rules, with what is changed by hand. */
function fieldsOf(rules: readonly RoutingRule[], changes: Readonly<Record<string, string>> = {}) {
  const rows = rowsOf(rules);
  const fields = rows.flatMap((row, index) =>
    Object.entries(row).map(([name, value]) => [`rule-${index}-${name}`, value] as const),
  );
  return { rows: String(rows.length), ...Object.fromEntries(fields), ...changes };
}

function hidden(body: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? '';
}

/** Reads the version, looks at the effect, and saves what was seen. */
async function saveSeen(visitor: DeskVisitor, fields: Readonly<Record<string, string>>) {
  const version = hidden((await visitor.get(path)).body, 'version');
  const seen = await visitor.post(path, { ...fields, version, do: 'preview' }, path);
  return visitor.post(path, { ...fields, version, seen: hidden(seen.body, 'seen'), do: 'save' }, path);
}

const last = (rules: readonly RoutingRule[]) => rules.length - 1;

describe('the rules', () => {
  test('are read by agents, and changed by supervisors only', async () => {
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const page = await visitor.get(path);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(sentence('desk-rules.readOnly'));
    expect(page.body).not.toContain('rule-0-mode');
    const sent = await visitor.post(path, { ...fieldsOf(await storedRules()), version: '0', do: 'save' });
    expect(sent.statusCode).toBe(403);
  });

  test('are saved only once their effect on the last cases was seen, then hold and are written down', async () => {
    const { visitor } = await supervisor();
    const moved = await aCase(database.db, { setting: 'other', mode: 'B' });
    await aCase(database.db, { setting: 'establishment', mode: 'S' });
    const rules = await storedRules();
    const fields = fieldsOf(rules, { [`rule-${last(rules)}-hotline`]: 'liberaux' });
    const version = hidden((await visitor.get(path)).body, 'version');

    const unseen = await visitor.post(path, { ...fields, version, do: 'save' }, path);
    expect(unseen.statusCode).toBe(200);
    expect(unseen.body).toContain(sentence('desk-rules.effect.complete'));
    expect(unseen.body).toContain(`<a href="/desk/dossiers/${moved.number}">`);
    expect(unseen.body).toContain('<strong>1</strong>');
    expect(await storedRules()).toEqual(rules);
    const seen = hidden(unseen.body, 'seen');
    // Changed again since: what was seen is not what would be saved.
    const other = { ...fields, 'rule-0-hotline': 'liberaux' };
    const again = await visitor.post(path, { ...other, version, seen, do: 'save' }, path);
    expect(again.statusCode).toBe(200);
    expect(await storedRules()).toEqual(rules);

    const saved = await visitor.post(path, { ...fields, version, seen, do: 'save' }, path);
    expect(saved.statusCode).toBe(303);
    const decision = await server.app.inject({
      method: 'POST',
      url: '/api/routing/decision',
      payload: { practitioner: { mode: 'B', setting: 'other' } },
    });
    expect(decision.json()).toMatchObject({ hotline: 'liberaux' });
    const history = (await visitor.get(path)).body;
    expect(history).toContain('Sophie');
    expect(history).toContain(sentence('configuration.rules.removed'));
    await saveSeen(visitor, fieldsOf(rules));
    expect(await storedRules()).toEqual(rules);
  });

  test('get a row more without anything being lost, and rows left blank are none', async () => {
    const { visitor } = await supervisor();
    const rules = await storedRules();
    const fields = fieldsOf(rules, { 'rule-0-position': '7' });
    const more = await visitor.post(path, { ...fields, version: '0', do: 'add' }, path);
    expect(hidden(more.body, 'rows')).toBe(String(rules.length + 1));
    expect(more.body).toContain('id="rule-0-position" name="rule-0-position" type="text" value="7"');
    const blank = { ...fieldsOf(rules), rows: String(rules.length + 3) };
    expect((await saveSeen(visitor, blank)).statusCode).toBe(303);
    expect(await storedRules()).toEqual(rules);
  });

  test('follow their ranks', async () => {
    const { visitor } = await supervisor();
    const rules = await storedRules();
    const [first, second] = rules;
    const swapped = fieldsOf(rules, { 'rule-0-position': '2', 'rule-1-position': '1' });
    expect((await saveSeen(visitor, swapped)).statusCode).toBe(303);
    expect((await storedRules()).slice(0, 2)).toEqual([second, first]);
    await saveSeen(visitor, fieldsOf(rules));
  });
});

describe('rules are refused', () => {
  test('when they leave a combination to nobody, which is named, now or later', async () => {
    const { visitor } = await supervisor();
    const rules = await storedRules();
    const at = last(rules);
    for (const [changes, words] of [
      [{ [`rule-${at}-remove`]: 'yes' }, 'Un autre lieu, Bénévole'],
      [{ [`rule-${at}-lastDay`]: '2027-05-31' }, 'Un autre lieu, Bénévole, à partir du 1er juin 2027'],
    ] as const) {
      const fields = fieldsOf(rules, changes);
      const version = hidden((await visitor.get(path)).body, 'version');
      const seen = await visitor.post(path, { ...fields, version, do: 'preview' }, path);
      expect(seen.body).toContain(escaped(words));
      expect(hidden(seen.body, 'seen')).toBe('');
      const refused = await saveSeen(visitor, fields);
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain(escaped(words));
      expect(refused.body).toContain(sentence('problems.routing-holes.detail'));
    }
    expect(await storedRules()).toEqual(rules);
  });

  test.each([
    ['a line that does not exist', { 'rule-0-hotline': 'gone' }, 'rule-0-hotline', 'line'],
    ['a date that is none', { 'rule-1-validFrom': '2027-02-30' }, 'rule-1-validFrom', 'date'],
    [
      'an end before its beginning',
      { 'rule-1-validFrom': '2027-02-02', 'rule-1-lastDay': '2027-01-01' },
      'rule-1-lastDay',
      'endBeforeStart',
    ],
    ['nobody before the default', { 'rule-4-position': '0' }, 'rule-0-position', 'afterDefault'],
    ['the same criteria twice', { 'rule-1-setting': 'establishment' }, 'rule-1-position', 'sameRule'],
    ['a default of the notice', { 'rule-4-origin': 'notice' }, 'rule-4-origin', 'defaultOfNotice'],
  ])('for %s, at the field', async (_, changes, field, key) => {
    const { visitor } = await supervisor();
    const fields = { ...fieldsOf(await storedRules(), changes), version: '0', do: 'preview' };
    const answer = await visitor.post(path, fields, path);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(`href="#${field}"`);
    expect(answer.body).toContain(sentence(`configuration.errors.${key}`));
    for (const value of Object.values(changes)) {
      if (/\d/.test(value)) expect(answer.body).toContain(`value="${value}"`);
    }
  });

  test('when somebody else saved meanwhile: what was typed is kept, and their change is read', async () => {
    const { agent, visitor } = await supervisor();
    const rules = await storedRules();
    const version = hidden((await visitor.get(path)).body, 'version');
    const fields = { ...fieldsOf(rules, { [`rule-${last(rules)}-hotline`]: 'liberaux' }), version };
    const seen = hidden((await visitor.post(path, { ...fields, do: 'preview' }, path)).body, 'seen');
    const [first, ...others] = rules;
    if (!first) throw new Error('no rule');
    const changed = [{ ...first, validTo: '2030-01-01' }, { ...first, validFrom: '2030-01-01' }, ...others];
    await saveRoutingRules(
      database.db,
      { agent, version: Number(version), rules: changed },
      server.clock.now(),
    );

    const refused = await visitor.post(path, { ...fields, seen, do: 'save' }, path);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain(sentence('desk-hotlines.meanwhile.title'));
    expect(refused.body).toContain(escaped('jusqu’au 31 décembre 2029 inclus'));
    expect(refused.body).toMatch(/id="rule-4-hotline"[\s\S]*?value="liberaux" selected/);
    expect(await storedRules()).toEqual(changed);
    await saveSeen(visitor, fieldsOf(rules));
  });
});
