import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

export const REPOSITORY = join(import.meta.dirname, '..', '..')
export const BIN = join(REPOSITORY, 'node_modules', '.bin')

export const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** What a command came to: how many parts of it were good, and which were not. */
export interface Sum {
  readonly passed: number
  readonly failed: readonly string[]
}

export const total = (sums: readonly Sum[]): Sum => ({
  passed: sums.reduce((passed, sum) => passed + sum.passed, 0),
  failed: sums.flatMap(({ failed }) => failed),
})

/** Runs a command with our stdio and gives its exit code. Ctrl-C in a terminal reaches it by itself. */
export const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: REPOSITORY, stdio: 'inherit', env: { ...process.env, ...env } })
    const passOn = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, passOn)
    const settle = (code: number) => {
      for (const signal of signals) process.off(signal, passOn)
      resolve(code)
    }
    child.once('error', (error) => {
      say(`${command}: ${error.message}`)
      settle(127)
    })
    child.once('exit', (code, signal) =>
      settle(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    )
  })
