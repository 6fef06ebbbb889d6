import { expect, test } from 'vitest';
import { type FlowLabels, labelsFrom } from '#server/wizard/draw.ts';
import { defineFlow } from '#server/wizard/flow.ts';
import { listFlows } from '#server/wizard/registry.ts';
import { testTexts } from '../testing/test-app.ts';
import { outlineFlow } from './flow-outline.ts';

const words = { and: 'et', or: 'ou', not: 'sauf si', isKnown: 'connu' };
const labels: FlowLabels = {
  node: (id) => `page ${id}`,
  option: (_node, option) => `option ${option}`,
  fact: (fact) => fact,
  value: (_fact, value) => value,
};

const flow = defineFlow({
  id: 'small',
  version: 3,
  start: 'first',
  exits: [{ id: 'works', to: 'done' }],
  nodes: {
    first: {
      kind: 'question',
      options: [
        { id: 'card', to: 'second', sets: { way: 'card' } },
        { id: 'phone', to: 'second', sets: { way: 'ecps', mode: 'L' } },
        { id: 'other', to: 'second', sets: { way: 'none', mode: 'S' } },
      ],
    },
    second: {
      kind: 'instruction',
      exits: [],
      options: [
        {
          id: 'next',
          when: { fact: 'mode', in: ['L', 'S'] },
          to: [
            {
              when: {
                all: [{ fact: 'way', in: ['card', 'ecps'] }, { not: { fact: 'mode', in: ['S'] } }],
              },
              to: 'done',
            },
            { to: 'stuck' },
          ],
        },
      ],
    },
    done: { kind: 'outcome', outcome: 'resolved' },
    stuck: { kind: 'outcome', outcome: 'escalate' },
  },
});

test('every option says where it leads, and on what condition, in words', () => {
  const { nodes } = outlineFlow(flow, labels, words);
  expect(nodes.find(({ id }) => id === 'second')).toEqual({
    id: 'second',
    title: 'page second',
    kind: 'instruction',
    start: false,
    options: [
      {
        label: 'option next',
        when: 'mode connu',
        targets: [
          { id: 'done', title: 'page done', when: 'way = card ou ecps et sauf si (mode = S)' },
          { id: 'stuck', title: 'page stuck' },
        ],
      },
    ],
    withoutExits: ['option works'],
    from: [{ id: 'first', title: 'page first' }],
  });
});

test('exits are told once, and not as ways into the page they lead to', () => {
  const outline = outlineFlow(flow, labels, words);
  expect(outline.exits).toEqual([{ label: 'option works', targets: [{ id: 'done', title: 'page done' }] }]);
  expect(outline.nodes.find(({ id }) => id === 'done')?.from.map(({ id }) => id)).toEqual(['second']);
  expect(outline.nodes.find(({ id }) => id === 'first')).toMatchObject({ start: true, withoutExits: [] });
});

test.each(listFlows())('every page of the flow $id can be named in both languages', (each) => {
  for (const language of ['fr', 'en'] as const) {
    const found = labelsFrom(each, (key) =>
      testTexts.has(language, key) ? testTexts.say(language, key, { authority: '…' }) : undefined,
    );
    const outline = outlineFlow(each, found, words);
    expect(outline.nodes.map(({ id }) => id)).toEqual(Object.keys(each.nodes));
    const linked = outline.nodes.flatMap(({ options }) => options.flatMap(({ targets }) => targets));
    for (const { id } of linked) expect(each.nodes).toHaveProperty(id);
  }
});
