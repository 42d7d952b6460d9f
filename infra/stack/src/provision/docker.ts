import { createHash } from 'node:crypto'
import { run, whichOnPath } from './command.ts'

export const dockerAnswers = async (env: NodeJS.ProcessEnv = process.env): Promise<boolean> => {
  if (!whichOnPath('docker', env)) return false
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 10_000 })
    return true
  } catch {
    return false
  }
}

/** Container and volume name of one server of one data folder. */
export const containerName = (server: string, dataDirectory: string): string =>
  `parley-${server}-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}`

export const containerPid = async (container: string): Promise<number | undefined> => {
  const pid = Number(await run('docker', ['inspect', '--format', '{{.State.Pid}}', container]))
  return pid > 0 ? pid : undefined
}

/** Pulls what is missing and removes a container of the same name that a crash left. */
export const prepareContainer = async (container: string, image: string): Promise<void> => {
  await run('docker', ['rm', '--force', container]).catch(() => undefined)
  const here = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', image]).catch(() => undefined)
  if (here === undefined) await run('docker', ['pull', '--quiet', image], { timeoutMs: 600_000 })
}

export const dropVolume = async (name: string): Promise<void> => {
  await run('docker', ['volume', 'rm', '--force', name]).catch(() => undefined)
}
