import config from '../../../../vitest.config.ts';

/** The suite's own configuration, for the one file that must fail; it needs no database. */
export default {
  ...config,
  test: {
    ...config.test,
    include: ['server/testing/nir-watch/leaking/leak.ts'],
    globalSetup: [],
    provide: { nirs: ['295109912611193'] },
  },
};
