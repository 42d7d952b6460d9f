import { defineConfig } from 'vitest/config'

/** With a folder for what it leaves in the temporary one. */
interface Tier extends Record<string, unknown> {
  readonly globalSetup?: readonly string[]
}

const tier = (name: string, { globalSetup = [], ...options }: Tier = {}) => ({
  test: {
    name,
    globalSetup: ['packages/testkit/src/temporary.setup.ts', ...globalSetup],
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.data/**', '.cache/**'],
    // What is awaited comes at once; a machine that does other work may still take its time.
    expect: { poll: { timeout: 20_000 } },
    ...options,
  },
})

/** Who hunts in the properties waits for them. */
const testTimeout = process.env['HUNT'] === undefined ? 120_000 : 24 * 60 * 60_000

export default defineConfig({
  test: {
    // One core less, which vitest leaves free, is one of two here: a run would take twice as long.
    maxWorkers: '100%',
    projects: [
      // Properties take seconds, and ten times as long on a machine that does other work.
      tier('unit', { testTimeout, setupFiles: ['packages/testkit/src/properties.setup.ts'] }),
      tier('integration', {
        testTimeout,
        hookTimeout: 120_000,
        setupFiles: ['packages/testkit/src/properties.setup.ts'],
        globalSetup: ['packages/testkit/src/brokers.setup.ts'],
      }),
      tier('e2e', { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1 }),
    ],
  },
})
