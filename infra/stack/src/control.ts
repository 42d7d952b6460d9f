import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readlink, rm, symlink } from 'node:fs/promises'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { filesOf } from './data-directory.ts'
import { codeOf, describeFault, reasonOf, StackFault } from './fault.ts'
import { type Began, beganAt, isAlive } from './process/leftovers.ts'
import type { UnitStatus } from './supervisor.ts'

export { defaultDataDirectory } from './data-directory.ts'

/** What a running stack answers on its control socket. */
export interface Control {
  status(): { pid: number; ready: boolean; services: Record<string, UnitStatus> }
  restart(name: string): Promise<void>
  hold(names: readonly string[]): Promise<void>
  letGo(names: readonly string[]): void
  stop(): void
}

export const ControlStatus = z.object({
  pid: z.number(),
  ready: z.boolean(),
  services: z.record(
    z.string(),
    z.object({
      pid: z.number().nullable(),
      state: z.enum(['starting', 'ready', 'restarting', 'stopped', 'failed']),
      restarts: z.number(),
      fault: z.literal('PROCESS_DEAD').optional(),
    }),
  ),
})
export type ControlStatus = z.infer<typeof ControlStatus>

const answer = async (control: Control, call: string): Promise<unknown> => {
  const [action, name = ''] = call.split('/').filter(Boolean)
  if (action === 'status') return control.status()
  if (action === 'restart') await control.restart(decodeURIComponent(name))
  if (action === 'stop') control.stop()
  return {}
}

/** For as long as whoever asked stays connected: a caller that is killed leaves nothing standing still. */
const hold = async (control: Control, call: string, outgoing: ServerResponse): Promise<void> => {
  const names = decodeURIComponent(call.split('/')[2] ?? '').split(',')
  const holding = control.hold(names)
  outgoing.once('close', () => void holding.then(() => control.letGo(names)).catch(() => undefined))
  await holding
  outgoing.write('{}\n')
}

/**
 * Whoever serves here has the folder: of two stacks that start on it at once, one does.
 * @throws STACK_ALREADY_RUNS
 */
export const serveControl = async (dataDirectory: string, control: Control): Promise<Server> => {
  const { socket } = filesOf(dataDirectory)
  const server = createServer((incoming, outgoing) => {
    const call = incoming.url ?? ''
    const answered = call.startsWith('/hold/')
      ? hold(control, call, outgoing)
      : answer(control, call).then((body) => void outgoing.end(JSON.stringify(body)))
    answered.catch((error: unknown) => {
      outgoing.statusCode = 400
      outgoing.end(
        JSON.stringify({ error: error instanceof StackFault ? describeFault(error) : reasonOf(error) }),
      )
    })
  })
  try {
    await listening(server, socket)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    await requireNoneRunning(dataDirectory)
    await takingOver(dataDirectory, async () => {
      // Whoever took it over a moment ago serves there now.
      await requireNoneRunning(dataDirectory)
      await rm(socket, { force: true })
      await listening(server, socket)
    })
  }
  return server
}

/**
 * The socket of a stack that was killed is removed by one process at a time: another, who found it dead as well, would remove the live one
 * that the first has put there. A link, for it comes to be with its text at once or not at all.
 * @throws STACK_ALREADY_RUNS
 */
const takingOver = async (dataDirectory: string, take: () => Promise<void>): Promise<void> => {
  const mark = `${filesOf(dataDirectory).socket}.taken`
  for (;;) {
    try {
      await symlink(`${process.pid} ${beganAt(process.pid) ?? ''}`, mark)
      break
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      const [pid, at] = (await readlink(mark).catch(unlessGone)).split(' ')
      if (!pid) continue
      if (at ? beganAt(Number(pid)) === at : isAlive(Number(pid)))
        throw alreadyRuns(dataDirectory, Number(pid))
      // Killed in the middle of it.
      await rm(mark, { force: true })
    }
  }
  try {
    await take()
  } finally {
    await rm(mark, { force: true })
  }
}

/** Whoever took it over is done meanwhile. */
const unlessGone = (error: unknown): '' => {
  if (codeOf(error) === 'ENOENT') return ''
  throw error
}

const listening = async (server: Server, path: string): Promise<void> => {
  server.listen(path)
  await once(server, 'listening')
}

/** @throws STACK_ALREADY_RUNS */
export const requireNoneRunning = async (dataDirectory: string): Promise<void> => {
  const running = await runningStack(dataDirectory)
  if (running) throw alreadyRuns(dataDirectory, running.pid)
}

const alreadyRuns = (dataDirectory: string, pid: number): StackFault =>
  new StackFault('STACK_ALREADY_RUNS', `a stack already runs on ${dataDirectory} (pid ${pid})`, {
    why: 'two stacks cannot share their data',
    fix: 'use it, or stop it with `npm run stack -- down`',
  })

/** Undefined when no stack listens there. */
export const callControl = (dataDirectory: string, call: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: filesOf(dataDirectory).socket, path: call }, (incoming) => {
      let text = ''
      // The stack ended in the middle of its answer.
      incoming.once('error', () => resolve(undefined))
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => (text += part))
      incoming.on('end', () => {
        if (incoming.statusCode === 200) return resolve(JSON.parse(text))
        reject(new Error(z.object({ error: z.string() }).parse(JSON.parse(text)).error))
      })
    })
    outgoing.once('error', () => resolve(undefined))
    outgoing.end()
  })

/**
 * Services stand still from when this resolves until `letGo`, or until this process is gone.
 * @throws when no stack runs there, or it has no such service
 */
export const holdServices = (dataDirectory: string, names: readonly string[]): Promise<{ letGo(): void }> =>
  new Promise((resolve, reject) => {
    const path = `/hold/${encodeURIComponent(names.join(','))}`
    const outgoing = request({ socketPath: filesOf(dataDirectory).socket, path }, (incoming) => {
      incoming.once('data', (answer: Buffer) => {
        if (incoming.statusCode === 200) return resolve({ letGo: () => void outgoing.destroy() })
        reject(new Error(z.object({ error: z.string() }).parse(JSON.parse(String(answer))).error))
      })
    })
    // Once it is let go, there is nobody to tell.
    outgoing.on('error', reject)
    outgoing.end()
  })

export const runningStack = async (dataDirectory: string): Promise<ControlStatus | undefined> => {
  const status = await callControl(dataDirectory, '/status')
  return status === undefined ? undefined : ControlStatus.parse(status)
}

const SupervisorRecord = z.object({ processes: z.array(z.object({ pid: z.number(), at: z.string() })) })

/** Processes that the last stack of this folder wrote down. */
export const recordedProcesses = (dataDirectory: string): readonly Began[] => {
  try {
    return SupervisorRecord.parse(JSON.parse(readFileSync(filesOf(dataDirectory).supervisor, 'utf8')))
      .processes
  } catch {
    return []
  }
}
