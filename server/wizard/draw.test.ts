import { describe, expect, it } from 'vitest';
import { drawFlow, type FlowLabels, labelsFrom } from './draw.ts';
import { aFlow } from './testing/a-flow.ts';

const ids: FlowLabels = {
  node: (id) => id,
  option: (_, option) => option,
  fact: (fact) => fact,
  value: (_, value) => value,
};

describe('drawFlow', () => {
  const lines = drawFlow(aFlow(), ids)
    .split('\n')
    .map((line) => line.trim());

  it('gives each kind of node its shape', () => {
    expect(lines[0]).toBe('flowchart TD');
    expect(lines).toContain('n_way{{"way"}}:::question');
    expect(lines).toContain('n_reader["reader"]:::instruction');
    expect(lines).toContain('n_resolved(["resolved"]):::outcome');
  });

  it('draws an arrow for each option, with the condition it is taken on', () => {
    expect(lines).toContain('n_way -->|"card"| n_reader');
    expect(lines).toContain('n_place -->|"hospital [card]"| n_escalate');
    expect(lines).toContain('n_place -->|"hospital [≠ (card)]"| n_beds');
  });

  it('draws the exits once, whatever the number of pages that offer them', () => {
    expect(lines.filter((line) => line.includes('it_works'))).toEqual(['any -.->|"it_works"| n_resolved']);
    expect(lines.filter((line) => line.includes('help'))).toEqual(['any -.->|"help"| n_place']);
  });

  it('gathers the options that lead to the same place into one arrow', () => {
    const flow = aFlow({
      nodes: {
        ...aFlow().nodes,
        beds: {
          kind: 'question',
          options: [
            { id: 'many', to: 'escalate' },
            { id: 'few', to: 'escalate' },
          ],
          exits: [],
        },
      },
    });
    expect(drawFlow(flow, ids)).toContain('n_beds -->|"many / few"| n_escalate\n');
  });

  it('writes joined conditions with signs, and "known" for any value of a fact', () => {
    const flow = aFlow({
      nodes: {
        ...aFlow().nodes,
        beds: {
          kind: 'question',
          exits: [],
          options: [
            {
              id: 'no',
              to: 'resolved',
              when: {
                any: [
                  { fact: 'way', in: ['card'] },
                  { fact: 'setting', in: ['other'] },
                ],
              },
            },
            {
              id: 'many',
              to: 'escalate',
              when: {
                all: [
                  { fact: 'way', in: ['card', 'ecps'] },
                  { fact: 'setting', in: ['establishment'] },
                ],
              },
            },
          ],
        },
      },
    });
    expect(drawFlow(flow, ids)).toContain('n_beds -->|"no [card | other]"| n_resolved');
    expect(drawFlow(flow, ids)).toContain('n_beds -->|"many [way ✓ + establishment]"| n_escalate');
  });

  it('escapes what could end a label or be read as markup', () => {
    const drawn = drawFlow(aFlow(), { ...ids, node: (id) => `"${id}"\n<b>#1 & \`x\`</b>` });
    expect(drawn).toContain('n_way{{"#34;way#34; #60;b#62;#35;1 #38; #96;x#96;#60;/b#62;"}}:::question');
  });

  it('draws the same flow the same way each time', () => {
    expect(drawFlow(aFlow(), ids)).toBe(drawFlow(aFlow(), ids));
  });
});

describe('labelsFrom', () => {
  const texts: Record<string, string> = {
    'wizard.small.way.title': 'Which way?',
    'wizard.small.way.options.card': 'By card',
    'wizard.small.options.app': 'By app',
    'wizard.small.exits.help': 'Help',
    'wizard.fact_names.way': 'way in',
    'wizard.facts.way.ecps': 'e-CPS',
  };
  const labels = labelsFrom(aFlow(), (key) => texts[key]);

  it('takes the words from the catalogue, own before shared', () => {
    expect(labels.node('way')).toBe('Which way?');
    expect(labels.option('way', 'card')).toBe('By card');
    expect(labels.option('way', 'app')).toBe('By app');
    expect(labels.option('way', 'help')).toBe('Help');
    expect(labels.fact('way')).toBe('way in');
    expect(labels.value('way', 'ecps')).toBe('e-CPS');
  });

  it('names what has no text', () => {
    expect(() => labels.node('reader')).toThrow('wizard.small.reader.title');
  });
});
