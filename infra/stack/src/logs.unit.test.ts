import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { filesOf } from './data-directory.ts'
import { wordsOf } from './logs.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'parley-logs-'))
const { logs } = filesOf(dataDir)
mkdirSync(logs, { recursive: true })
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const write = (name: string, ...lines: readonly (object | string)[]) =>
  writeFileSync(
    join(logs, `${name}.log`),
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  )
const at = (second: number) => `2026-03-02T12:00:0${second}.000Z`

write(
  'bot',
  { level: 'info', time: at(1), service: 'bot', msg: 'ready', port: 4713 },
  {
    level: 'error',
    time: at(4),
    service: 'bot',
    msg: 'the turn failed',
    err: { type: 'MongoError', code: 11, message: 'away', at: ['turns.ts:3'] },
  },
)
write(
  'kafka',
  '2026-03-02T12:00:00.000Z [main] INFO kafka.server - Starting controller',
  // In Docker.
  '[2026-03-02 12:00:03,000] WARN it is slow (kafka.server)',
  '\tat kafka.Server(Server.scala:3)',
)
write(
  'mongo',
  'secantusd-rs listening on 127.0.0.1:4717',
  '[2026-03-02T12:00:01Z INFO  secantus_server] Slow query {"ns":"parley_agent.sessions"}',
  '2026-03-02 12:00:02,500 WARNING secantus.server: odd',
  '{"t":{"$date":"2026-03-02T09:00:03.500-03:00"},"s":"W","c":"STORAGE","ctx":"main","msg":"slow disk","attr":{"ms":9}}',
)
write('routing', { level: 'info', time: at(2), service: 'routing', msg: '\u001B[2Jready' })

function stack(...args: string[]) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('stack.ts', import.meta.url)), 'logs', ...args],
    {
      env: { PATH: process.env['PATH'], PARLEY_DATA_DIR: dataDir, FORCE_COLOR: '0' },
    },
  )
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  return {
    child,
    said,
    ended: once(child, 'close').then(() => ({
      code: child.exitCode,
      stdout: stripVTControlCharacters(said.stdout),
      stderr: said.stderr,
    })),
  }
}

test('of why a program does not start each mistake has its line, and what was said at each try stands once', () => {
  const fatal = (second: number) =>
    JSON.stringify({
      level: 'fatal',
      time: at(second),
      service: 'routing',
      msg: 'the service could not start',
      err: { type: 'WorkforceFileInvalid', message: 'It cannot be used.\n  a.yaml:2:3: \u001B[2Jodd' },
    })
  expect(wordsOf([fatal(1), 'a plain line', fatal(2)])).toEqual([
    'a plain line',
    'FATAL the service could not start  WorkforceFileInvalid: It cannot be used.\n        a.yaml:2:3: \uFFFD[2Jodd',
  ])
})

describe('npm run stack -- logs', () => {
  test('all logs read as one, in the order of time, however their program writes it; a line without a time stays behind its own', async () => {
    const { code, stdout } = await stack().ended
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        '── 2026-03-02, UTC',
        '12:00:00.000 INFO  kafka   kafka.server - Starting controller',
        '12:00:01.000 INFO  bot     ready  port=4713',
        '12:00:01.000       mongo   secantusd-rs listening on 127.0.0.1:4717',
        '12:00:01.000 INFO  mongo   secantus_server - Slow query {"ns":"parley_agent.sessions"}',
        '12:00:02.000 INFO  routing \uFFFD[2Jready',
        '12:00:02.500 WARN  mongo   secantus.server: odd',
        '12:00:03.000 WARN  kafka   it is slow (kafka.server)',
        '12:00:03.000       kafka     at kafka.Server(Server.scala:3)',
        '12:00:03.500 WARN  mongo   slow disk  c=STORAGE  ctx=main  attr={"ms":9}',
        '12:00:04.000 ERROR bot     the turn failed  MongoError 11: away',
        '      turns.ts:3',
        '',
      ].join('\n'),
    )
  })

  test('-n takes the last lines of all of them together, and --json leaves lines as they are', async () => {
    const { stdout } = await stack('-n', '1', '--json').ended
    expect(JSON.parse(stdout)).toMatchObject({ time: at(4), msg: 'the turn failed' })
  })

  test('names choose the logs, and one that is not there is met with the nearest one', async () => {
    expect((await stack('bot', 'routing', '-n', '1').ended).stdout).not.toContain('kafka')
    expect(await stack('bto').ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no log of "bto"; did you mean "bot"? [NO_SUCH_SERVICE]'),
    })
  })

  test('-f goes on with what is said next', { timeout: 30_000 }, async () => {
    const { child, said, ended } = stack('-f', '-n', '1', 'routing')
    const heard = async (words: string) => {
      while (!said.stdout.includes(words)) await once(child.stdout, 'data')
    }
    await heard('ready')
    // Whether the folder is watched yet cannot be seen from outside: said again until it is heard.
    const saying = setInterval(
      () =>
        appendFileSync(
          join(logs, 'routing.log'),
          `${JSON.stringify({ level: 'info', time: at(5), msg: 'more' })}\n`,
        ),
      50,
    )
    await heard('more')
    clearInterval(saying)
    child.kill()
    const { stdout } = await ended
    expect(stdout).toMatch(/^12:00:05\.000 INFO  routing more$/m)
  })

  test(
    '-f goes on where a log was put aside and nothing is said in the new one yet',
    { timeout: 30_000 },
    async () => {
      const { child, said, ended } = stack('-f', '-n', '1', 'bot', 'kafka')
      const heard = async (words: string) => {
        while (!said.stdout.includes(words)) await once(child.stdout, 'data')
      }
      const say = (name: string, msg: string) =>
        appendFileSync(join(logs, `${name}.log`), `${JSON.stringify({ level: 'info', time: at(6), msg })}\n`)
      const saying = async (name: string, msg: string) => {
        const again = setInterval(() => say(name, msg), 50)
        await heard(msg)
        clearInterval(again)
      }
      await heard('failed')
      await saying('kafka', 'followed')
      renameSync(join(logs, 'bot.log'), join(logs, 'bot.log.1'))
      await saying('kafka', 'gone on')
      await saying('bot', 'begun anew')
      child.kill()
      expect((await ended).stderr).toBe('')
    },
  )
})
