import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTexts, type Texts } from '#server/texts.ts';
import { drawFlow, labelsFrom } from '#server/wizard/draw.ts';
import { listFlows } from '#server/wizard/registry.ts';

/** Where the drawings are kept, one Mermaid file for each flow. */
export const drawingsDirectory = join(import.meta.dirname, '../docs/generated/flows');

/** Every flow drawn with French labels, and the file it belongs in. */
export function drawnFlows(texts: Texts): readonly { readonly file: string; readonly drawing: string }[] {
  return listFlows().map((flow) => {
    const labels = labelsFrom(flow, (key) => (texts.has('fr', key) ? texts.say('fr', key) : undefined));
    return { file: join(drawingsDirectory, `${flow.id}.mmd`), drawing: drawFlow(flow, labels) };
  });
}

if (import.meta.main) {
  mkdirSync(drawingsDirectory, { recursive: true });
  for (const { file, drawing } of drawnFlows(loadTexts())) writeFileSync(file, drawing);
}
