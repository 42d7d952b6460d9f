import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const HERE = import.meta.dirname
const DIST = join(HERE, 'dist')
const MARK = 'sources.sha256'
/** What a desk loads before anybody can work: on a line of 1 Mbit/s two seconds. */
const FIRST_LOAD_BYTES_MAX = 250_000

/** The desk's first load has outgrown its budget: nothing is built. */
export class FirstLoadTooLarge extends Error {
  readonly code = 'FIRST_LOAD_TOO_LARGE'

  constructor(bytes: number) {
    super(
      `The desk's scripts take ${bytes} bytes (gzip), more than ${FIRST_LOAD_BYTES_MAX} (FIRST_LOAD_TOO_LARGE). Import less, or load what is seldom used by import().`,
    )
  }
}

/**
 * Builds the desk into `dist/` where its sources, its settings or the lockfile have changed since it was built last.
 * @returns whether anything had to be built, and the gzipped bytes of script of the first load
 * @throws {FirstLoadTooLarge}
 */
export async function buildDesk(): Promise<{ readonly isBuilt: boolean; readonly firstLoadBytes: number }> {
  const digest = await digestOfSources()
  if ((await readFile(join(DIST, MARK), 'utf8').catch(() => '')) === digest)
    return { isBuilt: false, firstLoadBytes: await scriptBytes(DIST) }
  // Beside the one that is served, and put in its place when it is whole: two starts may build at once.
  const made = join(HERE, 'node_modules', `.desk-${process.pid}`)
  try {
    // By itself: a test runs in a process whose NODE_ENV would bring React's development build.
    await promisify(execFile)(
      join(HERE, 'node_modules', '.bin', 'vite'),
      ['build', '--logLevel', 'error', '--outDir', made, '--emptyOutDir'],
      { cwd: HERE, env: { ...process.env, NODE_ENV: 'production' } },
    )
    const firstLoadBytes = await scriptBytes(made)
    if (firstLoadBytes > FIRST_LOAD_BYTES_MAX) throw new FirstLoadTooLarge(firstLoadBytes)
    await writeFile(join(made, MARK), digest)
    await rm(DIST, { recursive: true, force: true })
    await rename(made, DIST)
    return { isBuilt: true, firstLoadBytes }
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** All that the desk is made of, from here. */
export async function sources(): Promise<readonly string[]> {
  const { devDependencies } = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>
  }
  const packages = Object.keys(devDependencies).filter((name) => name.startsWith('@parley/'))
  return [
    '../../pnpm-lock.yaml',
    ...globSync(
      [
        '*.{ts,html,json}',
        'src/**/*.{ts,tsx,css}',
        ...packages.map((name) => `../../packages/${name.slice('@parley/'.length)}/src/**/*.ts`),
      ],
      { cwd: HERE },
    ).sort(),
  ]
}

async function digestOfSources(): Promise<string> {
  const digest = createHash('sha256')
  for (const file of await sources()) digest.update(`${file}\0`).update(await readFile(join(HERE, file)))
  return digest.digest('hex')
}

/** All scripts that the page names or they import at once; what is loaded later is in files of its own, which the page does not name. */
async function scriptBytes(directory: string): Promise<number> {
  const page = await readFile(join(directory, 'index.html'), 'utf8')
  const names = (await readdir(join(directory, 'assets'))).filter(
    (name) => name.endsWith('.js') && page.includes(`/assets/${name}"`),
  )
  const sizes = await Promise.all(
    names.map(async (name) => gzipSync(await readFile(join(directory, 'assets', name))).length),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

if (import.meta.main) {
  const { isBuilt, firstLoadBytes } = await buildDesk()
  process.stderr.write(
    `the desk ${isBuilt ? 'is built' : 'was built already'}: first load ${Math.round(firstLoadBytes / 1000)} kB of script (gzip)\n`,
  )
}
