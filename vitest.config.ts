import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['server/**/*.test.ts', 'workers/**/*.test.ts', 'ops/**/*.test.ts'],
    globalSetup: ['server/testing/global-setup.ts'],
    setupFiles: ['server/testing/nir-watch/setup.ts'],
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // Its own imports lack their endings, which Node does not take.
    server: { deps: { inline: ['@ldclabs/cose-ts'] } },
  },
});
