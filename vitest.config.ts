import { defineConfig } from 'vitest/config'

/** Machines are small and shared: two files at once, generous limits, no retries (a flake is a bug). */
const shared = { testTimeout: 60_000, hookTimeout: 120_000, retry: 0 } as const

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{server,client,regions,bench,stripe-simulator,mail-sink,chaos}/**/*.test.ts'],
          // None of them changes what is global; loading modules anew for each cost as much as all tests.
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/tidy.test.ts', 'test/{tidy,run,crdb-grammar,containers}/**'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'tidy',
          include: ['test/tidy.test.ts', 'test/{tidy,run}/**/*.test.ts'],
          // They change nothing, and so may share one compiler.
          isolate: false,
        },
      },
      { test: { ...shared, name: 'grammar', include: ['test/crdb-grammar/**/*.test.ts'] } },
      { test: { ...shared, name: 'containers', include: ['test/containers/**/*.test.ts'] } },
    ],
  },
})
