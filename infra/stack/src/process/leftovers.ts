import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** When a process began, in the kernel's ticks: with the pid it names one process for ever. Linux only. */
export const beganAt = (pid: number): string | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** For a system that does not tell when a process began: another one may have its pid by now. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export interface Began {
  pid: number
  at: string
}

/** Ends processes of ours that a stack left behind when it and its guardian were killed together. */
export const endLeftovers = async (processes: readonly Began[]): Promise<void> => {
  const alive = () => processes.filter(({ pid, at }) => beganAt(pid) === at)
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of alive()) process.kill(pid, name)
  }
  signal('SIGTERM')
  const deadline = performance.now() + 5_000
  while (alive().length > 0 && performance.now() < deadline) await delay(50)
  signal('SIGKILL')
  while (alive().length > 0) await delay(50)
}
