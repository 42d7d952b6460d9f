import type { Resource } from '@parley/service'
import { type TickerOptions, tick } from '../deadline/ticker.ts'

export interface TickingOptions extends TickerOptions {
  readonly everyMs: number
  onError(error: unknown): void
}

/** Looks for due deadlines again and again, never twice at once. What fails is tried at the next look. */
export function startTicking({ everyMs, onError, ...options }: TickingOptions): Resource {
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    try {
      await tick(options)
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(begin, everyMs)
  }
  const begin = (): void => void (running = look())
  begin()
  return {
    name: 'deadline-ticker',
    async drain() {
      stopped = true
      clearTimeout(timer)
      await running
    },
    close: async () => {},
  }
}
