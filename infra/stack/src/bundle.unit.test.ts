import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundleServices } from './bundle.ts'
import { SERVICES, bundledMain } from './services.ts'

const run = promisify(execFile)

test('services that were put together start, with all that they load, and are not put together again', async () => {
  await bundleServices()
  expect(await bundleServices()).toEqual({ isBuilt: false })
  await Promise.all(
    SERVICES.map(async (name) => {
      const env = { PATH: process.env['PATH'], [`${name.toUpperCase()}_PROBE_PORT`]: '0' }
      const started = run(process.execPath, [bundledMain(name)], { env, timeout: 100_000 })
      // All modules are loaded before a service reads its settings, of which it says what it lacks.
      await expect(started).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^${name}: .*CONFIG_INVALID[^]*MONGODB_URI`)),
      })
    }),
  )
}, 120_000)
