import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from './chance.ts'

export const SERVICES = ['gateway', 'routing', 'bot', 'agent', 'archive'] as const
export const SERVERS = ['kafka', 'mongo'] as const

export interface ProcessStatus {
  readonly pid: number | null
  readonly state: string
  readonly restarts: number
}

/** What the supervisor says of each process (`npm run stack -- status --json`). */
export type Status = () => Promise<Readonly<Record<string, ProcessStatus>>>

export interface Disturbance {
  readonly name: string
  readonly readyAgainAfterMs: number
}

/** Kills each with SIGKILL in an order and at moments that `chance` gives, each time until the supervisor has it ready again. */
export async function killInTurn(
  names: readonly string[],
  status: Status,
  {
    chance,
    pauseMs,
    onKilled,
  }: {
    chance: Chance
    pauseMs: readonly [min: number, max: number]
    onKilled(disturbance: Disturbance): void
  },
): Promise<void> {
  for (const name of chance.shuffled(names)) {
    await pause(chance.between(...pauseMs))
    onKilled({ name, readyAgainAfterMs: await killUntilReady(name, status) })
  }
  await pause(pauseMs[1])
}

/** Milliseconds from SIGKILL until the supervisor calls it ready again. */
export async function killUntilReady(name: string, status: Status, deadlineMs = 60_000): Promise<number> {
  const before = await ofName(status, name)
  if (before.pid === null) throw new Error(`${name} has no process to kill.`)
  const killedAt = Date.now()
  process.kill(before.pid, 'SIGKILL')
  for (;;) {
    const now = await ofName(status, name)
    if (now.state === 'ready' && now.pid !== before.pid && now.restarts > before.restarts)
      return Date.now() - killedAt
    if (Date.now() - killedAt > deadlineMs)
      throw new Error(`${name} was killed and is ${now.state} ${deadlineMs} ms later.`)
    await pause(100)
  }
}

async function ofName(status: Status, name: string): Promise<ProcessStatus> {
  const found = (await status())[name]
  if (found === undefined) throw new Error(`The supervisor knows no ${name}.`)
  return found
}
