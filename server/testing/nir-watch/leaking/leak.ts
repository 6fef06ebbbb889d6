import { expect, test } from 'vitest';
import { logSink } from '#server/testing/nir-leaks.ts';

/** Not of the suite: run by nir-watch.test.ts, to see it fail though its only test passes. */
test('a test that sees nothing wrong', () => {
  const sink = logSink();
  sink.log.info({ who: '2 95 10 99 126 111 93' }, 'found');
  expect(sink.text()).toContain('found');
});
