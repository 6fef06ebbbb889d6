import { describe, expect, it } from 'vitest';
import { testTexts } from '../testing/test-app.ts';
import { languages } from '../texts.ts';
import { offeredOptions } from './flow.ts';
import { linksOfPage, shownLinks } from './links.ts';
import { listStates } from './paths.ts';
import { describeNode, describePosition } from './position.ts';
import { listFlows } from './registry.ts';
import { walk } from './sessions.ts';
import { aFinding } from './testing/a-finding.ts';

describe('a position in words', () => {
  it.each(languages)('has words for every page that any path shows, in "%s"', (language) => {
    let pages = 0;
    const faults: unknown[] = [];
    for (const flow of listFlows()) {
      for (const { node: id, facts } of listStates(flow)) {
        const node = flow.nodes[id];
        if (!node) throw new Error(`no node ${id}`);
        const options = offeredOptions(flow, node, facts);
        const words = describeNode(testTexts, language, flow, id, { options, facts, found: aFinding() });
        const sentences = [words.title, words.why, ...words.steps, words.note ?? ''];
        for (const option of words.options) sentences.push(option.label, option.hint ?? '');
        // Told apart here: an expectation for each of so many pages would take longer than their words.
        const whole = !/[{}]|undefined/.test(sentences.join(' '));
        const chosen = words.options.length === options.filter(({ lookUp }) => !lookUp).length;
        const typed = (words.field !== undefined) === options.some(({ lookUp }) => lookUp);
        if (!whole || !chosen || !typed) faults.push({ id, facts, whole, chosen, typed });
        pages += 1;
      }
    }
    expect(faults).toEqual([]);
    expect(pages).toBeGreaterThan(50);
  });

  it.each(languages)('has a label for every address that any page may show, in "%s"', (language) => {
    const keys = listFlows().flatMap((flow) =>
      Object.values(flow.nodes).flatMap((node) =>
        (node.links ?? []).map((link) => (typeof link === 'string' ? link : link.key)),
      ),
    );
    const links = Object.fromEntries(keys.map((key) => [key, 'https://example.org/']));
    expect(shownLinks(testTexts, language, links, keys)).toHaveLength(keys.length);
  });

  it('is exactly the contract’s shape', () => {
    const position = describePosition(
      testTexts,
      walk({
        id: '00000000-0000-4000-8000-000000000000',
        language: 'en',
        flow: 'connection',
        flowVersion: 2,
        answers: [
          { node: 'way', answer: 'ecps' },
          { node: 'problem', answer: 'it_works' },
        ],
        version: 3,
        frozen: false,
      }),
      { open: [], suggestions: [] },
      new Date('2026-11-23T10:00:00+01:00'),
    );
    expect(position).toEqual({
      id: '00000000-0000-4000-8000-000000000000',
      flow: 'connection',
      flowVersion: 2,
      node: {
        id: 'resolved',
        kind: 'outcome',
        title: expect.any(String),
        body: expect.any(String),
        options: [],
      },
      trail: [
        { node: 'way', answer: 'ecps', label: 'The e-CPS' },
        { node: 'problem', answer: 'it_works', label: 'It works now' },
      ],
      outcome: 'resolved',
      incidents: [],
    });
  });
});

describe('configured addresses', () => {
  const links = {
    ameli: 'https://www.ameli.fr/',
    amelipro: '',
    cardSupport: 'tel:+33825852000',
    eCpsSupport: 'tel:0806800213',
    directory: 'tel:3608',
    ssa: 'tel:0140514151',
  };

  it('are shown in the order asked, unset and emptied ones left out', () => {
    const keys = ['eCps', 'ameli', 'amelipro', '__proto__'];
    expect(shownLinks(testTexts, 'en', links, keys)).toEqual([
      { href: 'https://www.ameli.fr/', label: 'Open the patients’ site, ameli.fr', telephone: false },
    ]);
  });

  it('that a page speaks of are named when unset, and left out when emptied on purpose', () => {
    expect(linksOfPage(testTexts, 'en', links, ['tutorial', 'amelipro', 'ameli'])).toEqual([
      { label: 'Vaccin Covid tutorial (PDF): no address is set here, ask the help line for it.' },
      { href: 'https://www.ameli.fr/', label: 'Open the patients’ site, ameli.fr', telephone: false },
    ]);
  });

  it('write telephone numbers as they are said', () => {
    const labels = shownLinks(testTexts, 'en', links, ['cardSupport', 'eCpsSupport', 'directory', 'ssa']);
    expect(labels.map(({ label }) => label.split(': ')[1])).toEqual([
      '0 825 85 20 00',
      '0 806 80 02 13',
      '3608',
      '01 40 51 41 51',
    ]);
  });
});
