import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Linux counts processor time for /proc in hundredths of a second (USER_HZ). */
const MS_PER_TICK = 10

/** User and system time of a process since it began. Linux only. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

export async function residentMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024)
}

/**
 * Segments with data that went out on each connection to a port of this machine, by local port. A request of a client that waits for
 * answers is one write, and on loopback one segment: this counts requests without a proxy in between and without asking the client.
 * Undefined where there is no `ss`.
 */
export async function segmentsTo(
  port: number,
  pids: ReadonlySet<number>,
): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ss', ['-tinpHO', 'dst', `127.0.0.1:${port}`], {
      maxBuffer: 16e6,
    })
    return new Map(
      stdout.split('\n').flatMap((line) => {
        const pid = Number(/pid=(\d+)/.exec(line)?.[1])
        const local = line.trim().split(/\s+/)[3] ?? ''
        return pids.has(pid) ? [[local, Number(/data_segs_out:(\d+)/.exec(line)?.[1] ?? 0)] as const] : []
      }),
    )
  } catch {
    return undefined
  }
}
