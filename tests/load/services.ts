import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cpuMsOf, residentMbOf } from '../bench/processes.ts'

/** Processes of a running stack, as its supervisor has them down beside `stack.json`. */
export class StackProcesses {
  readonly #pids: ReadonlyMap<string, number>

  static async of(stackFile: string): Promise<StackProcesses> {
    const { services } = JSON.parse(await readFile(join(dirname(stackFile), 'supervisor.json'), 'utf8')) as {
      readonly services: Readonly<Record<string, { readonly pid: number | null }>>
    }
    return new StackProcesses(
      new Map(Object.entries(services).flatMap(([name, { pid }]) => (pid === null ? [] : [[name, pid]]))),
    )
  }

  private constructor(pids: ReadonlyMap<string, number>) {
    this.#pids = pids
  }

  /** Milliseconds of processor since each began, and those of this process. */
  async cpuMs(): Promise<ReadonlyMap<string, number>> {
    const { user, system } = process.cpuUsage()
    const each = [...this.#pids].map(async ([name, pid]) => [name, await cpuMsOf(pid)] as const)
    return new Map([...(await Promise.all(each)), ['this load', (user + system) / 1_000]])
  }

  async residentMb(name: string): Promise<number> {
    const pid = this.#pids.get(name)
    return pid === undefined ? Number.NaN : residentMbOf(pid)
  }
}
