import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import {
  mkdir,
  readFile,
  readlink,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { REPOSITORY } from './data-directory.ts'
import { BUNDLES, SERVICES } from './services.ts'

const DIST = dirname(BUNDLES)
/** A stack that runs may load a part of what it runs at any time, so what was made before it is not taken away at once. */
const KEPT = 3
const DIGEST_LENGTH = 16
/** Native, so it stays where it is. */
const NATIVE = new Set(['sharp'])

/** One at a time: two who restart services at once would write one folder, and make one link. What another process makes has its pid in its name. */
let inTurn: Promise<unknown> = Promise.resolve()

/**
 * Puts each service with all that it needs into a few files, where sources or lockfile have changed since that was done last: a service
 * loads 1,450 files otherwise, which takes three times the processor time and 30 MB more (docs/adr/0029). The sources run by themselves all the same.
 */
export function bundleServices(): Promise<{ readonly isBuilt: boolean }> {
  const made = inTurn.then(bundleOnce, bundleOnce)
  inTurn = made
  return made
}

async function bundleOnce(): Promise<{ readonly isBuilt: boolean }> {
  const made = join(DIST, `services-${await digestOfSources()}`)
  const isBuilt = !(await readdir(made).catch(() => [])).length
  if (isBuilt) {
    // Whole before it has its name: two starts may build at once.
    const making = `${made}.${process.pid}`
    try {
      await bundleTo(
        making,
        Object.fromEntries(SERVICES.map((name) => [name, join(REPOSITORY, `services/${name}/src/main.ts`)])),
      )
      await rename(making, made).catch(async (error: unknown) => {
        if ((await readdir(made).catch(() => [])).length === 0) throw error
      })
    } finally {
      await rm(making, { recursive: true, force: true })
    }
  }
  if ((await readlink(BUNDLES).catch(() => '')) !== basename(made)) {
    const link = `${BUNDLES}.${process.pid}`
    await symlink(basename(made), link)
    await rename(link, BUNDLES)
  }
  const now = new Date()
  await utimes(made, now, now)
  await removeOld()
  return { isBuilt }
}

/**
 * @param input where each program begins, by its name
 * @throws naming each import that leads nowhere: left as it stands it would only be missed when the program runs. What is required within
 * a `try` may be missing.
 */
export async function bundleTo(directory: string, input: Readonly<Record<string, string>>): Promise<void> {
  const unresolved: string[] = []
  const bundle = await rolldown({
    input,
    platform: 'node',
    plugins: [inPlace],
    onLog: (_level, { code, exporter, id }) => {
      if (code === 'UNRESOLVED_IMPORT') unresolved.push(`${relative(REPOSITORY, id!)} imports ${exporter}`)
    },
  })
  try {
    await mkdir(directory, { recursive: true })
    // Without it Node compiles each file twice, the first time only to find out what it is.
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n')
    // Names stay, or a log of errors would say nothing.
    await bundle.write({ dir: directory, format: 'esm', keepNames: true, minify: false })
  } finally {
    await bundle.close()
  }
  if (unresolved.length > 0) throw new Error(`what is imported is not there: ${unresolved.join(', ')}`)
}

/** Code that looks for files beside itself finds them beside its source. */
const inPlace: Plugin = {
  name: 'in-place',
  resolveId(id, importer) {
    if (!NATIVE.has(id) || importer === undefined) return null
    return { id: createRequire(importer).resolve(id), external: true }
  },
  transform(code, id) {
    if (!/import\.meta\.(url|dirname|main)|__dirname|__filename/.test(code)) return null
    return code
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.main', 'false')
      .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(id)))
      .replaceAll(/\b__filename\b/g, JSON.stringify(id))
  },
}

/** Of what is made of them, for this place: what is made names files where they are ({@link inPlace}), and a clone that was moved or copied would go on reading those of the old one. */
export async function digestOfSources(repository = REPOSITORY): Promise<string> {
  const files = [
    'pnpm-lock.yaml',
    'infra/stack/src/bundle.ts',
    ...globSync(['services/*/src/**/*.ts', 'packages/*/src/**/*.ts', 'proto/{gen,src}/**/*.ts'], {
      cwd: repository,
      exclude: (path) => basename(path) === 'node_modules' || path.startsWith('services/console'),
    }).sort(),
  ]
  const digest = createHash('sha256').update(`${repository}\0`)
  for (const file of files) digest.update(`${file}\0`).update(await readFile(join(repository, file)))
  return digest.digest('hex').slice(0, DIGEST_LENGTH)
}

async function removeOld(): Promise<void> {
  const aged = await Promise.all(
    // Not what is being made.
    globSync(`services-${'?'.repeat(DIGEST_LENGTH)}`, { cwd: DIST }).map(async (name) => {
      const path = join(DIST, name)
      return {
        path,
        at: await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      }
    }),
  )
  for (const { path } of aged.toSorted((a, b) => b.at - a.at).slice(KEPT))
    await rm(path, { recursive: true, force: true })
}
