import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { StackFault } from '../fault.ts'
import { launchChild, stopChild, type Child, type ChildSpec } from './child.ts'

/** Something that can be started again and again on the same data: a broker, a database, a service. */
export interface Program {
  readonly name: string
  readonly child: ChildSpec
  readonly stopBudgetMs: number
  /** One attempt: true once it does its work; false or a rejection when it does not yet. */
  isReady(): Promise<boolean>
  /** Pid of the process that does the work, where that is not the child itself (a container). */
  workingPid?(): Promise<number | undefined>
}

const PROBE_EVERY_MS = 100

const lastLines = (logFile: string, count: number): string => {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n    ')
  } catch {
    return '(no log)'
  }
}

const notReady = (program: Program, logFile: string, what: string): StackFault =>
  new StackFault('PROCESS_NOT_READY', `${program.name} ${what}`, {
    why: `the last lines of its log are\n    ${lastLines(logFile, 12)}`,
    fix: `read ${logFile}; \`npm run stack -- doctor\` checks ports, disk and versions`,
  })

export const untilReady = async (
  program: Program,
  child: Child,
  options: { logFile: string; deadlineMs: number; signal?: AbortSignal },
): Promise<void> => {
  const deadline = Date.now() + options.deadlineMs
  while (!(await program.isReady().catch(() => false))) {
    options.signal?.throwIfAborted()
    if (child.hasExited()) throw notReady(program, options.logFile, 'ended before it was ready')
    if (Date.now() > deadline)
      throw notReady(program, options.logFile, `was not ready after ${options.deadlineMs / 1000} s`)
    await delay(PROBE_EVERY_MS)
  }
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
