import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A process that must not outlive us. A container lives on when its `docker run` is killed, hence its name. */
export interface Ward {
  pid: number
  container?: string
}

export type GuardianMessage =
  | { kind: 'watch'; ward: Ward }
  | { kind: 'forget'; pid: number }
  | { kind: 'remove-at-end'; file: string }

const wards = new Map<number, Ward>()
const files = new Set<string>()
let guardian: ChildProcess | undefined

const tell = (message: GuardianMessage) => {
  if (guardian?.connected) guardian.send(message, () => undefined)
}

const startGuardian = (): ChildProcess => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('guardian.ts', import.meta.url))], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.on('error', () => undefined)
  child.once('exit', () => {
    if (guardian !== child) return
    guardian = undefined
    for (const ward of wards.values()) watch(ward)
    for (const file of files) removeAtEnd(file)
  })
  child.unref()
  child.channel?.unref()
  return child
}

export const watch = (ward: Ward): void => {
  wards.set(ward.pid, ward)
  guardian ??= startGuardian()
  tell({ kind: 'watch', ward })
}

/** A file that says that we run: it goes when we are gone. */
export const removeAtEnd = (file: string): void => {
  files.add(file)
  guardian ??= startGuardian()
  tell({ kind: 'remove-at-end', file })
}

export const forget = (pid: number): void => {
  wards.delete(pid)
  tell({ kind: 'forget', pid })
}
