import { defineConfig } from 'vitest/config'

const tier = (name: string, options: object = {}) => ({
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.data/**', '.cache/**'],
    ...options,
  },
})

export default defineConfig({
  test: {
    projects: [
      // Properties take seconds on a machine that does other work.
      tier('unit', { testTimeout: 30_000 }),
      tier('integration', {
        testTimeout: 60_000,
        hookTimeout: 120_000,
        globalSetup: ['packages/testkit/src/brokers.setup.ts'],
      }),
      tier('e2e', { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1 }),
    ],
  },
})
