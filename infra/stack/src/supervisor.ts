import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { backOffMs, failuresAfter } from './back-off.ts'
import { reasonOf, StackFault } from './fault.ts'
import { launchChild, stopChild, type Child } from './process/child.ts'
import { type Patience, type Program, notReady, untilDead, untilReady } from './process/program.ts'

export type UnitState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed'

export interface UnitStatus {
  pid: number | null
  state: UnitState
  restarts: number
  /** Why the supervisor itself ended it the last time, if ever: a code of docs/reference/errors.md. */
  fault?: 'PROCESS_DEAD'
}

/** What answers with errors is dead after 16 s. What does not answer, which takes 2 s to tell, after 32 s: it may go on by itself. */
const PATIENCE: Patience = { everyMs: 2_000, failures: 8 }
const FIRST_START_MS = 180_000
const STARTS_BEFORE_GIVING_UP = 3

/** One program that is kept running. */
class Unit {
  readonly program: Program
  readonly logFile: string
  readonly #patience: Patience
  readonly #changed: () => void
  #status: UnitStatus = { pid: null, state: 'starting', restarts: 0 }
  #child: Child | undefined
  #stopping = new AbortController()
  /** So many processes were begun. */
  #begun = 0
  #restartAsked = false
  #pausing = new AbortController()
  #ending: Promise<unknown> | undefined
  #held: PromiseWithResolvers<void> | undefined
  #holders = 0
  #finished: Promise<void> = Promise.resolve()

  constructor(program: Program, logFile: string, patience: Patience, changed: () => void) {
    this.program = program
    this.logFile = logFile
    this.#patience = patience
    this.#changed = changed
  }

  get status(): UnitStatus {
    return this.#status
  }

  /** Resolves at the first readiness and goes on supervising; rejects when the program does not get there. */
  start(): Promise<void> {
    return new Promise((ready, failed) => {
      this.#finished = this.#supervise(ready, failed)
    })
  }

  async #supervise(ready: () => void, failed: (error: unknown) => void): Promise<void> {
    const giveUpAt = performance.now() + FIRST_START_MS
    let everReady = false
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      if (this.#held !== undefined) {
        this.#set({ pid: null, state: 'stopped' })
        await this.#held.promise
        // It starts now: whoever asked for that, or held it, has what they wanted, and a later crash waits as any other.
        this.#restartAsked = false
        this.#set({ state: 'starting' })
        continue
      }
      const outcome = await this.#runOnce(everReady ? Infinity : giveUpAt - performance.now(), () => {
        everReady = true
        ready()
      })
      if (this.#stopping.signal.aborted) break
      failures = failuresAfter(failures, outcome.readyForMs)
      if (!everReady && (failures >= STARTS_BEFORE_GIVING_UP || performance.now() >= giveUpAt)) {
        this.#set({ pid: null, state: 'failed' })
        failed(outcome.error)
        return
      }
      // What somebody asked for is nothing that fell.
      const { restarts } = this.#status
      this.#set({ pid: null, state: 'restarting', restarts: this.#restartAsked ? restarts : restarts + 1 })
      const waitMs = this.#restartAsked ? 0 : backOffMs(failures)
      this.#restartAsked = false
      this.#pausing = new AbortController()
      const over = AbortSignal.any([this.#stopping.signal, this.#pausing.signal])
      await delay(waitMs, undefined, { signal: over }).catch(() => undefined)
    }
    this.#set({ pid: null, state: 'stopped' })
    failed(new Error(`${this.program.name} was stopped before it was ready`))
  }

  async #runOnce(deadlineMs: number, onReady: () => void): Promise<{ readyForMs: number; error: unknown }> {
    let readyAt: number | undefined
    let aliveAt: number | undefined
    let error: unknown
    const over = new AbortController()
    try {
      this.#begun += 1
      const child = await launchChild(this.program.child, this.logFile)
      this.#child = child
      this.#ending = undefined
      this.#set({ pid: child.pid })
      try {
        if (this.#stopping.signal.aborted) return { readyForMs: 0, error }
        await untilReady(this.program, child, {
          logFile: this.logFile,
          deadlineMs,
          signal: this.#stopping.signal,
        })
        readyAt = performance.now()
        this.#set({ pid: (await this.program.workingPid?.()) ?? child.pid, state: 'ready' })
        onReady()
        const dead = await Promise.race([child.exited, untilDead(this.program, this.#patience, over.signal)])
        if ('aliveAt' in dead) {
          aliveAt = dead.aliveAt
          this.#killDead()
        }
      } finally {
        over.abort()
        await this.#end()
        this.#child = undefined
      }
    } catch (caught) {
      error = this.#asFault(caught)
    }
    return { readyForMs: readyAt === undefined ? 0 : (aliveAt ?? performance.now()) - readyAt, error }
  }

  /** It does nothing that it should, so it would not end in order either. */
  #killDead(): void {
    const { name } = this.program
    const { failures } = this.#patience
    this.#set({ fault: 'PROCESS_DEAD' })
    this.kill('SIGKILL')
    appendFileSync(
      this.logFile,
      `${new Date().toISOString()} supervisor: ${name} runs and failed its probe ${failures} times in a row: it is killed and started again (PROCESS_DEAD)\n`,
    )
  }

  #asFault(error: unknown): unknown {
    if (error instanceof StackFault || this.#stopping.signal.aborted) return error
    return new StackFault(
      'PROCESS_NOT_STARTED',
      `${this.program.name} could not be started`,
      {
        why: reasonOf(error),
        fix: `check that \`${this.program.child.command}\` runs on this machine, and that ${this.logFile} can be written`,
      },
      error,
    )
  }

  /** One SIGTERM, however many ask: a second one would cut the service's draining short. */
  async #end(): Promise<void> {
    if (this.#child) await (this.#ending ??= stopChild(this.#child, this.program.stopBudgetMs))
  }

  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#status
    if (pid === null) return
    try {
      process.kill(pid, signal)
    } catch {
      // gone already
    }
  }

  /**
   * Resolves once a process that began after the call is ready; one that waits to be started again is started at once. Rejects when as many
   * as at a first start were not: it is started again all the same, and whoever asked is told why.
   */
  async restart(): Promise<void> {
    const { name } = this.program
    const before = this.#begun
    const giveUpAt = performance.now() + FIRST_START_MS
    for (;;) {
      if (this.#stopping.signal.aborted) throw new Error(`${name} is being stopped`)
      if (this.#begun === before) {
        this.#restartAsked = true
        this.#pausing.abort()
        await this.#end()
      } else if (this.#status.state === 'ready') return
      if (this.#begun > before + STARTS_BEFORE_GIVING_UP)
        throw notReady(this.program, this.logFile, `ended ${STARTS_BEFORE_GIVING_UP} times and is tried on`)
      if (performance.now() > giveUpAt)
        throw notReady(this.program, this.logFile, `is not ready after ${FIRST_START_MS / 1_000} s`)
      await delay(50)
    }
  }

  /** Ends it, and starts it no more until all who hold it have let it go. Resolves when it is gone. */
  async hold(): Promise<void> {
    this.#holders += 1
    this.#held ??= Promise.withResolvers()
    this.#restartAsked = true
    this.#pausing.abort()
    while (this.#status.state !== 'stopped' && this.#status.state !== 'failed') {
      await this.#end()
      await delay(20)
    }
  }

  letGo(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#goOn()
  }

  #goOn(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#goOn()
    await this.#end()
    await this.#finished
  }

  force(): void {
    this.#stopping.abort()
    this.#goOn()
    this.kill('SIGKILL')
    this.#child?.kill('SIGKILL')
  }

  #set(change: Partial<UnitStatus>): void {
    this.#status = { ...this.#status, ...change }
    try {
      this.#changed()
    } catch {
      // It cannot be written down, as on a full disk. What runs is kept running all the same, or the first crash on such a disk would end
      // everything else; the next change is told anew.
    }
  }
}

/** Keeps programs running, in layers: one is stopped only when those after it are gone. */
export class Supervisor<Layer extends string> {
  readonly #logDirectory: string
  readonly #patience: Patience
  readonly #changed: () => void
  readonly #layers: ReadonlyMap<Layer, Unit[]>

  constructor(options: {
    layers: readonly Layer[]
    logDirectory: string
    patience?: Patience
    changed?: () => void
  }) {
    this.#logDirectory = options.logDirectory
    this.#patience = options.patience ?? PATIENCE
    this.#changed = options.changed ?? (() => undefined)
    this.#layers = new Map(options.layers.map((layer) => [layer, []]))
  }

  /** Resolves when the program is ready for the first time; it is kept running until `stop`. */
  start(layer: Layer, program: Program): Promise<void> {
    const unit = new Unit(
      program,
      join(this.#logDirectory, `${program.name}.log`),
      this.#patience,
      this.#changed,
    )
    this.#layers.get(layer)!.push(unit)
    return unit.start()
  }

  #units(): Unit[] {
    return [...this.#layers.values()].flat()
  }

  status(): Record<string, UnitStatus> {
    return Object.fromEntries(this.#units().map((unit) => [unit.program.name, unit.status]))
  }

  #unit(name: string): Unit {
    const unit = this.#units().find((unit) => unit.program.name === name)
    if (unit) return unit
    const names = this.#units().map((unit) => unit.program.name)
    throw new StackFault('NO_SUCH_SERVICE', `there is no service "${name}"`, {
      why: `this stack runs ${names.join(', ')}`,
      fix: 'use one of these names',
    })
  }

  pid(name: string): number | null {
    return this.#unit(name).status.pid
  }

  kill(name: string, signal: NodeJS.Signals): void {
    this.#unit(name).kill(signal)
  }

  restart(name: string): Promise<void> {
    return this.#unit(name).restart()
  }

  /** See `letGo`: until then they stand still. */
  async hold(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#unit(name)).map((unit) => unit.hold()))
  }

  letGo(names: readonly string[]): void {
    for (const name of names) this.#unit(name).letGo()
  }

  async stop(onStopped: (name: string) => void = () => undefined): Promise<void> {
    for (const layer of [...this.#layers.values()].toReversed()) {
      await Promise.all(
        layer.toReversed().map(async (unit) => {
          await unit.stop()
          onStopped(unit.program.name)
        }),
      )
    }
  }

  force(): void {
    for (const unit of this.#units()) unit.force()
  }
}
