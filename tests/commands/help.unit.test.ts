import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const BOOTSTRAP = join(import.meta.dirname, '..', '..', 'infra', 'stack', 'bootstrap.mjs')
const SHOWS_HELP = ['start', 'stack', 'parley', 'check', 'test']

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-help-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** As npm runs it; on a machine without Docker, Java and Maven, and with a data folder that must stay away. */
const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = { PATH: '/nowhere', HOME: directory, PARLEY_DATA_DIR: join(directory, 'data') }
    const child = execFile(process.execPath, [BOOTSTRAP, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

describe('npm run …', { timeout: 60_000 }, () => {
  test.each(SHOWS_HELP)('%s -- --help says what it does, and does nothing', async (command) => {
    const { code, stdout, stderr } = await run(command, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(
      command === 'start' ? 'npm start' : `npm ${command === 'test' ? '' : 'run '}${command}`,
    )
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })

  test.each([
    [['stack', 'statsu'], 'did you mean "status"?'],
    [['stack', 'status', '--jsno'], 'did you mean "--json"?'],
    [['parley', 'flow', 'chekc'], 'did you mean "check"?'],
    [['parley', 'flow', 'test', '--langauge', 'pt'], 'did you mean "--language"?'],
    [['check', '--fix'], 'there is no word or option "--fix"'],
  ])('%j is turned down with what was meant, and the help', async (args, meant) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(meant)
    expect(stderr).toContain('(USAGE)')
    expect(stderr).toContain(`npm run ${args[0]}`)
  })
})
