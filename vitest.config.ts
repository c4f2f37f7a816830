import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests make our functions fail on purpose; what they log of it is not the tests' news.
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    // Each file that needs them starts engines of its own: more files at once than cores only makes them wait.
    maxWorkers: 2,
  },
});
