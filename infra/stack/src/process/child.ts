import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { forget, watch } from './guard.ts'

const LOG_ROTATES_AT_BYTES = 10_000_000

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface ChildSpec {
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Opens an IPC channel whose end tells the child that we are gone. */
  ipc?: boolean
  /** Name of the container that this command runs in the foreground. */
  container?: string
}

export interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  hasExited(): boolean
  kill(signal: NodeJS.Signals): void
}

/** Each time that a process begins: what crashes again and again would fill the disk. */
const openLog = (logFile: string): number => {
  mkdirSync(dirname(logFile), { recursive: true })
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_ROTATES_AT_BYTES) renameSync(logFile, `${logFile}.1`)
  return openSync(logFile, 'a')
}

/** Starts a process in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop it in order. */
export const launchChild = (spec: ChildSpec, logFile: string): Promise<Child> => {
  const log = openLog(logFile)
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    detached: true,
    stdio: spec.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  })
  closeSync(log)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      const pid = child.pid!
      let exit: Exit | undefined
      watch({ pid, ...(spec.container && { container: spec.container }) })
      const exited = new Promise<Exit>((conclude) => {
        child.once('exit', (code, signal) => {
          exit = { code, signal }
          forget(pid)
          conclude(exit)
        })
      })
      child.on('error', () => undefined)
      resolve({ pid, exited, hasExited: () => exit !== undefined, kill: (signal) => void child.kill(signal) })
    })
  })
}

/** SIGTERM, then SIGKILL once the budget is spent. Resolves when the process is gone. */
export const stopChild = async (child: Child, budgetMs: number): Promise<Exit> => {
  child.kill('SIGTERM')
  const abandoned = new AbortController()
  const force = delay(budgetMs, undefined, { signal: abandoned.signal })
    .then(() => child.kill('SIGKILL'))
    .catch(() => undefined)
  const exit = await child.exited
  abandoned.abort()
  await force
  return exit
}
