import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const sheet = readFileSync(join(import.meta.dirname, '../../templates/assets/tokens.css'), 'utf8');

/** The custom properties of the first block that `selector` opens. */
function block(selector: string): ReadonlyMap<string, string> {
  const from = sheet.indexOf(`${selector} {`);
  if (from < 0) throw new Error(`no ${selector}`);
  const body = sheet.slice(from, sheet.indexOf('}', from));
  return new Map(
    [...body.matchAll(/--([a-z0-9-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

const palette = block(':root');
const schemes = {
  light: block(':root:not([data-theme="dark"])'),
  dark: block('  :root:not([data-theme])'),
};
type Scheme = keyof typeof schemes;

/** The colour that a role has in a scheme. */
function colour(scheme: Scheme, role: string): string {
  const name = /^var\(--([a-z0-9-]+)\)$/.exec(schemes[scheme].get(role) ?? '')?.[1] ?? '';
  const value = palette.get(name);
  if (value === undefined) throw new Error(`no colour for ${role} in ${scheme}`);
  return value;
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** What is read, on what it is written. */
const texts = [
  ['text', 'page'],
  ['text', 'surface'],
  ['text', 'surface-sunk'],
  ['heading', 'page'],
  ['heading', 'surface'],
  ['heading', 'surface-sunk'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['link', 'page'],
  ['link', 'surface'],
  ['link-hover', 'page'],
  ['link-hover', 'surface-sunk'],
  ['on-brand', 'brand'],
  ['on-brand', 'brand-hover'],
  ['success-text', 'success-surface'],
  ['success-text', 'surface'],
  ['warning-text', 'warning-surface'],
  ['danger-text', 'danger-surface'],
  ['danger', 'page'],
  ['danger', 'surface'],
] as const;

/** What must be seen to use the page: outlines of controls, focus, the line of the trail. */
const shapes = [
  ['control-line', 'page'],
  ['control-line', 'surface'],
  ['focus', 'page'],
  ['focus', 'surface'],
  ['track', 'page'],
  ['track', 'surface'],
  ['success', 'surface'],
  ['danger', 'danger-surface'],
] as const;

describe.each(['light', 'dark'] as const)('colours in the %s scheme', (scheme) => {
  it.each(texts)('%s can be read on %s', (text, ground) => {
    expect(contrast(colour(scheme, text), colour(scheme, ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)('%s can be seen on %s', (shape, ground) => {
    expect(contrast(colour(scheme, shape), colour(scheme, ground))).toBeGreaterThanOrEqual(3);
  });
});

describe('the palette', () => {
  it('is that of the design tokens it names', () => {
    const tokens: { colors: Record<string, Record<string, string>> } = JSON.parse(
      readFileSync(require.resolve('@cnamts/design-tokens/dist/tokens.json'), 'utf8'),
    );
    const ours = [...palette].filter(([name, value]) => value.startsWith('#') && name !== 'white');
    expect(ours.length).toBeGreaterThan(20);
    for (const [name, value] of ours) {
      const [, hue = '', shade = ''] = /^([a-z-]+?)-((?:darken|lighten)-\d+|base)$/.exec(name) ?? [];
      expect([name, tokens.colors[hue]?.[shade.replace('-', '')]]).toEqual([name, value]);
    }
  });
});
