import { defineConfig } from 'vitest/config'

const tier = (name: string, options: object = {}) => ({
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.data/**', '.cache/**'],
    // What is awaited comes at once; a machine that does other work may still take its time.
    expect: { poll: { timeout: 20_000 } },
    ...options,
  },
})

export default defineConfig({
  test: {
    projects: [
      // Properties take seconds, and ten times as long on a machine that does other work.
      tier('unit', { testTimeout: 120_000 }),
      tier('integration', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ['packages/testkit/src/brokers.setup.ts'],
      }),
      tier('e2e', { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1 }),
    ],
  },
})
