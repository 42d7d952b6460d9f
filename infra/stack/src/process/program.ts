import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { StackFault } from '../fault.ts'
import { wordsOf } from '../logs.ts'
import { launchChild, stopChild, type Child, type ChildSpec } from './child.ts'

/** Something that can be started again and again on the same data: a broker, a database, a service. */
export interface Program {
  readonly name: string
  readonly child: ChildSpec
  readonly stopBudgetMs: number
  /** One attempt: true once it does its work; false or a rejection when it does not yet. */
  isReady(): Promise<boolean>
  /**
   * One attempt, again and again once it was ready: true while it does its work. A service that waits for others is alive all the same.
   * Default: `isReady`.
   */
  isAlive?(): Promise<boolean>
  /** Pid of the process that does the work, where that is not the child itself (a container). */
  workingPid?(): Promise<number | undefined>
}

const PROBE_EVERY_MS = 100

const lastLines = (logFile: string, count: number): string => {
  try {
    return wordsOf(readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count)).join('\n    ')
  } catch {
    return '(no log)'
  }
}

export const notReady = (program: Program, logFile: string, what: string): StackFault =>
  new StackFault('PROCESS_NOT_READY', `${program.name} ${what}`, {
    why: `the last lines of its log are\n    ${lastLines(logFile, 12)}`,
    fix: `read ${logFile}; \`npm run stack -- doctor\` checks ports, disk and versions, \`npm run parley -- config check\` and \`flow check\` the files of the company`,
  })

export const untilReady = async (
  program: Program,
  child: Child,
  options: { logFile: string; deadlineMs: number; signal?: AbortSignal },
): Promise<void> => {
  const deadline = performance.now() + options.deadlineMs
  while (!(await program.isReady().catch(() => false))) {
    options.signal?.throwIfAborted()
    if (child.hasExited()) throw notReady(program, options.logFile, 'ended before it was ready')
    if (performance.now() > deadline)
      throw notReady(program, options.logFile, `was not ready after ${options.deadlineMs / 1000} s`)
    await delay(PROBE_EVERY_MS)
  }
}

/** How often a program is asked whether it is alive, and how many failures in a row mean that it is not. */
export interface Patience {
  readonly everyMs: number
  readonly failures: number
}

/** Resolves when the program runs and is dead, with the time of its last yes; rejects when `signal` is aborted. */
export const untilDead = async (
  { isReady, isAlive = isReady }: Pick<Program, 'isReady' | 'isAlive'>,
  { everyMs, failures }: Patience,
  signal: AbortSignal,
): Promise<{ aliveAt: number }> => {
  let aliveAt = performance.now()
  for (let failed = 0; failed < failures;) {
    await delay(everyMs, undefined, { signal })
    if (await isAlive().catch(() => false)) {
      aliveAt = performance.now()
      failed = 0
    } else failed += 1
  }
  return { aliveAt }
}

/** Runs a program without a supervisor, for tests and tools. */
export const runProgram = async (
  program: Program,
  logFile: string,
  deadlineMs = 180_000,
): Promise<{ pid: number; stop(): Promise<void> }> => {
  const child = await launchChild(program.child, logFile)
  const stop = async () => {
    await stopChild(child, program.stopBudgetMs)
  }
  try {
    await untilReady(program, child, { logFile, deadlineMs })
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: (await program.workingPid?.()) ?? child.pid, stop }
}
