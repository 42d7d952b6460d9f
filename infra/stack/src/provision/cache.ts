import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** One cache per user, shared by all clones. Absolute: servers run in folders of their own. */
export const cacheDirectory = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env['PARLEY_CACHE_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'parley'))

/**
 * Builds a folder of the cache once. It is built aside and renamed at the end, so an interrupted build leaves nothing
 * that looks whole, and of two builds at once the first to end wins.
 */
export const installOnce = async (
  name: string,
  build: (directory: string) => Promise<void>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> => {
  const cache = cacheDirectory(env)
  const target = join(cache, name)
  if (existsSync(target)) return target
  await mkdir(cache, { recursive: true })
  const aside = await mkdtemp(join(cache, `.${name}-`))
  try {
    await build(aside)
    await rename(aside, target)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}
