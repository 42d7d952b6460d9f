import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { bundleServices, bundleTo, digestOfSources } from './bundle.ts'
import { BUNDLES, SERVICES, bundledMain } from './services.ts'

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
})

test('a clone that was moved puts them together anew: they name the files beside them', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'bundle-moved-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  const [before, after] = [join(parent, 'before'), join(parent, 'after')]
  await mkdir(join(before, 'infra/stack/src'), { recursive: true })
  for (const file of ['pnpm-lock.yaml', 'infra/stack/src/bundle.ts']) await writeFile(join(before, file), '')
  const digest = await digestOfSources(before)
  expect(await digestOfSources(before)).toBe(digest)
  await rename(before, after)
  expect(await digestOfSources(after)).not.toBe(digest)
})

test('two who restart services at once put them together once, and both find them', async () => {
  await rm(BUNDLES, { force: true })
  const made = await Promise.all([bundleServices(), bundleServices(), bundleServices()])
  expect(made.filter(({ isBuilt }) => isBuilt).length).toBeLessThanOrEqual(1)
  await expect(readFile(bundledMain('gateway'))).resolves.toBeTruthy()
})

test.each([
  ['import { a } from "no-such-package"; a()', 'no-such-package'],
  ['await import("no-such-package")', 'no-such-package'],
  ['import { a } from "@parley/no-such-package"; a()', '@parley/no-such-package'],
  ['import { a } from "./no-such-file.ts"; a()', './no-such-file.ts'],
])(
  'an import that leads nowhere is named, and nothing is started that would miss it: %s',
  async (source, gone) => {
    await using it = await program(source)
    await expect(bundleTo(it.to, { main: it.main })).rejects.toThrow(gone)
  },
)

test('what a library tries to load, and does without, may be missing', async () => {
  await using it = await program('let has = true; try { require("no-such-package") } catch { has = false }')
  await bundleTo(it.to, { main: it.main })
  expect(await readdir(it.to)).toContain('main.js')
})

async function program(source: string) {
  const directory = await mkdtemp(join(tmpdir(), 'bundle-'))
  const main = join(directory, 'main.ts')
  await writeFile(main, source)
  return {
    main,
    to: join(directory, 'made'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
