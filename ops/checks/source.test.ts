import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { hole, readSource, readSourceFile, sourceFiles } from './source.ts';

const imports = (text: string) =>
  readSource(text).imports.map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier));

describe('reading a source', () => {
  it('finds every form of import', () => {
    expect(
      imports(`
        import a from 'a';
        import { b, type B } from "b";
        import type { C } from './c.ts';
        import * as d from '#server/d.ts';
        import 'e';
        export * from './f.ts';
        export type { G } from './g.ts';
        export {
          h,
          i,
        } from './h.ts';
        const j = await import('./j.ts');
      `),
    ).toEqual(['a', 'b', 'type ./c.ts', '#server/d.ts', 'e', './f.ts', 'type ./g.ts', './h.ts', './j.ts']);
  });

  it('takes nothing for an import that only speaks of one', () => {
    expect(
      imports(`
        // import a from 'a';
        /* import b from 'b'; */
        const text = "import c from 'c'";
        const template = \`import d from 'd' \${ nested(\`import e from 'e'\`, { f: '}' }) } import g from 'g'\`;
        const pattern = /import h from 'h'/;
        const url = import.meta.resolve('./i.ts');
        export const from = 'j';
      `),
    ).toEqual([]);
  });

  it('goes on after a template, a pattern and a division', () => {
    const text = [
      'const a = b / c;',
      'const d = /[\'"`/]/.test(`y$' + '{e ? `x$' + '{f}` : "}"}z`) && g / h;',
      'new Date()',
    ];
    expect(readSource(text.join('\n')).code.split('\n')).toEqual([
      'const a = b / c;',
      'const d = / /.test(`$' + '{e ? `$' + '{f}` : ""}`) && g / h;',
      'new Date()',
    ]);
  });

  it('tells strings and templates, the nested ones too', () => {
    const { strings, templates } = readSource("say('a.b', `c.$" + '{d({ e: `f$' + '{g}` })}.h`, `i`)');
    expect(strings).toEqual(['a.b']);
    expect(templates).toEqual([`c.${hole}.h`, `f${hole}`, 'i']);
  });

  it('reads all of the project: each file ends outside of any string', () => {
    const files = sourceFiles('server', 'workers', 'ops');
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const { code } = readSourceFile(file);
      // A string or template taken to end in the wrong place would turn the code into nonsense.
      expect(() => stripTypeScriptTypes(code), file).not.toThrow();
    }
  });
});
