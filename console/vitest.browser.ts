// The browser tests: a real server, Debian's chromium. `cargo xtask test` runs them; they take minutes.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/browser/setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 600_000,
    teardownTimeout: 120_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
