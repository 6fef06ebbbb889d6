import { expect, test } from 'vitest';
import { nameShapes } from './name-shapes.ts';

const problem = { type: 'object', title: 'Problem', properties: { status: { type: 'integer' } } };
const row = { type: 'object', title: 'CaseRow', properties: { why: problem } };
const at = (schema: object) => ({ get: { responses: { 200: { schema } } } });

test('what has a type’s name is said once, also inside another', () => {
  expect(
    nameShapes({ openapi: '3.1.0', paths: { '/a': at(row), '/b': at(problem), '/c': at(row) } }),
  ).toEqual({
    openapi: '3.1.0',
    components: {
      schemas: {
        CaseRow: { ...row, properties: { why: { $ref: '#/components/schemas/Problem' } } },
        Problem: problem,
      },
    },
    paths: {
      '/a': at({ $ref: '#/components/schemas/CaseRow' }),
      '/b': at({ $ref: '#/components/schemas/Problem' }),
      '/c': at({ $ref: '#/components/schemas/CaseRow' }),
    },
  });
});

test('two shapes of one name stay where they are, and so does what has a sentence for a title', () => {
  const other = { ...problem, properties: { status: { type: 'string' } } };
  const sentence = { ...problem, title: 'Why it was refused' };
  const paths = { '/a': at(problem), '/b': at(other), '/c': at(sentence) };
  expect(nameShapes({ paths })).toEqual({ components: { schemas: {} }, paths });
});

test('schemas that had a name before keep it', () => {
  const components = { schemas: { Old: { type: 'string' } } };
  expect(nameShapes({ components, paths: { '/a': at(problem) } }).components).toEqual({
    schemas: { Old: { type: 'string' }, Problem: problem },
  });
});
