import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundleServices } from './bundle.ts'
import { SERVICES, bundledMain } from './services.ts'

const run = promisify(execFile)

/** What a service without settings says, but for the times in its log. */
async function said(main: string, name: string): Promise<{ code: unknown; stderr: string }> {
  const env = { PATH: process.env['PATH'], [`${name.toUpperCase()}_PROBE_PORT`]: '0' }
  return run(process.execPath, [main], { env }).then(
    () => ({ code: 0, stderr: '' }),
    ({ code, stderr }: { code: unknown; stderr: string }) => ({ code, stderr }),
  )
}

test('services that were put together start as their sources do, and are not put together again', async () => {
  await bundleServices()
  expect(await bundleServices()).toEqual({ isBuilt: false })
  for (const name of SERVICES) {
    const source = await said(`${import.meta.dirname}/../../../services/${name}/src/main.ts`, name)
    expect(source).toMatchObject({ code: 1, stderr: expect.stringContaining('CONFIG_INVALID') })
    expect(await said(bundledMain(name), name)).toEqual(source)
  }
}, 120_000)
