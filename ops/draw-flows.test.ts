import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTexts } from '#server/texts.ts';
import { drawingsDirectory, drawnFlows } from './draw-flows.ts';

const drawn = drawnFlows(loadTexts());

it('keeps every flow’s drawing up to date (npm run flows:draw)', () => {
  for (const { file, drawing } of drawn) expect(readFileSync(file, 'utf8')).toBe(drawing);
});

it('keeps no drawing of a flow that is gone', () => {
  const kept = readdirSync(drawingsDirectory).map((name) => join(drawingsDirectory, name));
  expect(kept.sort()).toEqual(drawn.map(({ file }) => file).sort());
});

it('stays within what Mermaid draws by default: 500 arrows, 50,000 characters', () => {
  for (const { drawing } of drawn) {
    expect(drawing.length).toBeLessThan(50_000);
    expect(drawing.match(/-->|-\.->/g)?.length).toBeLessThan(500);
  }
});
