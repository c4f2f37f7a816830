import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 60_000 } },
    // The log is watched for what it must never have.
    setupFiles: ['test/support/watch-log.ts'],
    // Each file that needs them starts engines of its own: more files at once than cores only makes them wait.
    maxWorkers: 2,
  },
});
