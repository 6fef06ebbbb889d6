import { describe, expect, it } from 'vitest';
import { createLog } from './logging.ts';

/** What the log writes, parsed. */
function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  let line = '';
  write(createLog('info', { write: (text: string) => (line = text) }));
  return JSON.parse(line);
}

describe('the log', () => {
  it('keeps what tells where an error comes from', () => {
    const error = Object.assign(new Error('duplicate key'), {
      code: '23505',
      constraint: 'agents_email_key',
    });
    expect(logged((log) => log.error({ err: error }, 'failed'))).toMatchObject({
      msg: 'failed',
      err: {
        type: 'Error',
        code: '23505',
        constraint: 'agents_email_key',
        message: 'duplicate key',
        stack: expect.stringContaining('logging.test.ts'),
      },
    });
  });

  it('keeps no value of a failed query, in its message, its cause or its details', () => {
    const cause = Object.assign(new Error('invalid input syntax for type integer: "Claire Martin"'), {
      code: '22P02',
      table: 'cases',
      detail: 'Key (name)=(Claire Martin)',
    });
    const error = Object.assign(
      new Error(
        'Failed query: insert into cases values ($1)\nparams: Claire Martin,\n    at Claire Martin (0612345678)\n0612345678',
        { cause },
      ),
      { params: ['Claire Martin'], client: { user: 'Claire Martin' } },
    );
    const line = JSON.stringify(logged((log) => log.error({ err: error }, 'failed')));
    expect(line).toContain('insert into cases');
    expect(line).toContain('22P02');
    expect(line).toContain('"table":"cases"');
    expect(line).toContain('logging.test.ts');
    expect(line).not.toMatch(/Martin|0612345678/);
  });

  it('keeps no secret of a request and no way to reach a person', () => {
    const line = JSON.stringify(
      logged((log) =>
        log.info({
          req: { headers: { cookie: 'session=secret-1', authorization: 'Bearer secret-2' } },
          contact: { email: 'secret-3@example.fr', phone: 'secret-4', nir: 'secret-5', token: 'secret-6' },
          agent: { password: 'secret-7' },
        }),
      ),
    );
    expect(line).not.toContain('secret');
  });
});
