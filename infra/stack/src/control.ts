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

/** An answer that waits for nothing takes milliseconds; on a machine that is busy a hundredfold it is one second. */
const ANSWER_WITHIN_MS = 10_000
/** A restart is answered when it is done: the code is put together, the service drains, and starts as at a first start. */
export const RESTARTED_WITHIN_MS = 300_000

/**
 * Undefined when no stack listens there.
 * @throws STACK_SILENT whoever listens does not answer in time: without an end to the waiting, a supervisor that stands still would hold up
 * each command that is to tell what is wrong with it
 */
export const callControl = (
  dataDirectory: string,
  call: string,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { socket: socketPath } = filesOf(dataDirectory)
    const late = AbortSignal.timeout(answerWithinMs)
    const broken = (error: Error) => {
      if (late.aborted) return reject(silent(dataDirectory, answerWithinMs))
      if (codeOf(error) === 'EACCES') return reject(ofAnotherAccount(dataDirectory, error))
      resolve(undefined)
    }
    const outgoing = request({ socketPath, path: call, signal: late }, (incoming) => {
      let text = ''
      // Else the stack ended in the middle of its answer.
      incoming.once('error', broken)
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => (text += part))
      incoming.on('end', () => {
        if (incoming.statusCode === 200) return resolve(JSON.parse(text))
        reject(new Error(z.object({ error: z.string() }).parse(JSON.parse(text)).error))
      })
    })
    outgoing.once('error', broken)
    outgoing.end()
  })

/** Whether a stack runs there cannot be seen: to say that none does would have its owner's looked for elsewhere, or a second one begun. */
const ofAnotherAccount = (dataDirectory: string, error: Error): StackFault =>
  new StackFault(
    'DATA_FOLDER_UNUSABLE',
    `this account may not look into ${dataDirectory}`,
    {
      why: reasonOf(error),
      fix: 'say it as the account that began the folder (`ls -ld` shows whose it is), or set PARLEY_DATA_DIR to a folder of yours',
    },
    error,
  )

const silent = (dataDirectory: string, answerWithinMs: number): StackFault => {
  const { socket } = filesOf(dataDirectory)
  const pid = supervisorPid(dataDirectory)
  const who = pid === undefined ? 'whoever listens' : `its supervisor (pid ${pid})`
  return new StackFault('STACK_SILENT', `the stack on ${dataDirectory} does not answer`, {
    why: `${who} on ${socket} said nothing for ${answerWithinMs / 1_000} s: it stands still, or this machine is overloaded`,
    fix:
      pid === undefined
        ? 'say it again; if it stays so, find who listens there (`ss -xlp`) and end that process'
        : `if it was stopped (Ctrl-Z), \`fg\` in its terminal or \`kill -CONT ${pid}\` lets it go on; \`kill -KILL ${pid}\` ends it, what it ran ends within seconds, and \`npm start\` starts it anew`,
  })
}

/** All end at once, each within half a minute or by force; the rest is for a machine that is busy. */
const HELD_WITHIN_MS = 90_000

/**
 * Services stand still from when this resolves until `letGo`, or until this process is gone.
 * @throws when no stack runs there, or it has no such service, or does not answer in time
 */
export const holdServices = async (
  dataDirectory: string,
  names: readonly string[],
  heldWithinMs = HELD_WITHIN_MS,
): Promise<{ letGo(): void }> => {
  // They drain for as long as they may: whether anybody answers is known before.
  await runningStack(dataDirectory)
  return new Promise((resolve, reject) => {
    const path = `/hold/${encodeURIComponent(names.join(','))}`
    // Whoever is hung up on lets them go.
    const late = setTimeout(() => outgoing.destroy(silent(dataDirectory, heldWithinMs)), heldWithinMs)
    const outgoing = request({ socketPath: filesOf(dataDirectory).socket, path }, (incoming) => {
      incoming.once('data', (answer: Buffer) => {
        clearTimeout(late)
        if (incoming.statusCode === 200) return resolve({ letGo: () => void outgoing.destroy() })
        reject(new Error(z.object({ error: z.string() }).parse(JSON.parse(String(answer))).error))
      })
    })
    // Once it is let go, there is nobody to tell.
    outgoing.on('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    outgoing.end()
  })
}

export const runningStack = async (dataDirectory: string): Promise<ControlStatus | undefined> => {
  const status = await callControl(dataDirectory, '/status')
  return status === undefined ? undefined : ControlStatus.parse(status)
}

const SupervisorRecord = z.object({
  pid: z.number().optional(),
  /** When that process began; absent where the system does not tell. */
  at: z.string().optional(),
  processes: z.array(z.object({ pid: z.number(), at: z.string() })),
})

/** What the last stack of this folder wrote down of itself. */
const recordIn = (dataDirectory: string): z.infer<typeof SupervisorRecord> | undefined => {
  try {
    return SupervisorRecord.parse(JSON.parse(readFileSync(filesOf(dataDirectory).supervisor, 'utf8')))
  } catch {
    return undefined
  }
}

export const recordedProcesses = (dataDirectory: string): readonly Began[] =>
  recordIn(dataDirectory)?.processes ?? []

/** Undefined where another process may have the pid by now: whoever is told it is to end it. */
const supervisorPid = (dataDirectory: string): number | undefined => {
  const { pid, at } = recordIn(dataDirectory) ?? {}
  return pid !== undefined && at !== undefined && beganAt(pid) === at ? pid : undefined
}
