import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Stack } from '@parley/stack'

const READY_WITHIN_MS = 120_000

/**
 * A second process of a service that runs: its settings, on ports of its own. Resolves when it is ready. Linux only.
 * @param settings in place of those that it would have
 */
export async function startReplica(
  name: string,
  stack: Stack,
  settings: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const { freePort } = await import('@parley/stack')
  const { pid } = stack.service(name)
  if (pid === null) throw new Error(`${name} has no process.`)
  const environ = await readFile(`/proc/${pid}/environ`, 'utf8')
  const env: NodeJS.ProcessEnv = Object.fromEntries(
    environ
      .split('\0')
      .filter(Boolean)
      .map((entry) => entry.split(/=(.*)/s).slice(0, 2)),
  )
  const ownPorts = new RegExp(`^${name.toUpperCase()}_\\w+_PORT$`)
  for (const variable of Object.keys(env))
    if (ownPorts.test(variable)) env[variable] = String(await freePort())
  env['PARLEY_INSTANCE'] = `${name}-2`
  // IPC: its end tells the service that we are gone.
  const child = spawn(process.execPath, [`services/${name}/src/main.ts`], {
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const deadline = AbortSignal.timeout(READY_WITHIN_MS)
  const lines = createInterface({ input: child.stdout! })
  try {
    for (;;) {
      const [line] = (await once(lines, 'line', { signal: deadline })) as [string]
      if (line.includes('"msg":"ready"')) break
    }
  } catch (error) {
    await endReplica(child, 'SIGKILL')
    throw new Error(`The second ${name} was not ready within ${READY_WITHIN_MS} ms.`, { cause: error })
  }
  lines.close()
  child.stdout!.resume()
  return child
}

export async function endReplica(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
