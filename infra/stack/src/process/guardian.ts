// Outlives the process that started it by a few seconds, to stop what that process left behind: kill -9 gives a
// parent no chance to do so itself. The IPC channel breaks the moment the parent is gone, however it went.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardianMessage, Ward } from './guard.ts'

const KILL_AFTER_MS = 5_000

const wards = new Map<number, Ward>()
const files: string[] = []

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    // Without an init that reaps, a dead orphan stays as a zombie.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return process.platform !== 'linux'
  }
}

const signal = (name: NodeJS.Signals) => {
  for (const { pid } of wards.values()) {
    try {
      process.kill(pid, name)
    } catch {
      // gone already
    }
  }
}

const stopWards = async () => {
  for (const file of files) rmSync(file, { force: true })
  signal('SIGTERM')
  for (const { container } of wards.values()) {
    if (container) spawnSync('docker', ['rm', '--force', container], { stdio: 'ignore' })
  }
  const deadline = performance.now() + KILL_AFTER_MS
  while ([...wards.keys()].some(isAlive) && performance.now() < deadline) await delay(50)
  for (const pid of wards.keys()) if (!isAlive(pid)) wards.delete(pid)
  signal('SIGKILL')
  process.exit(0)
}

process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('message', (message: GuardianMessage) => {
  if (message.kind === 'watch') wards.set(message.ward.pid, message.ward)
  else if (message.kind === 'forget') wards.delete(message.pid)
  else files.push(message.file)
})
process.on('disconnect', () => void stopWards())
