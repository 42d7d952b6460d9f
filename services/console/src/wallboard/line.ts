import { Wallboard } from './shapes.ts'

export interface LineOptions {
  /** Where it is told. */
  readonly address: string
  readonly onShown: (wallboard: Wallboard) => void
  /** What was shown may be shown no more. */
  readonly onDark: () => void
  /** It was refused: the session has ended, or the link of a television is good no more. */
  readonly onRefused: () => void
}

const AGAIN_AFTER_MS = 1_000
/** Rights come back, and nobody stands beside a television. */
const REFUSED_AGAIN_AFTER_MS = 60_000

/** The wallboard's stream. It comes back by itself; whether it is silent too long is for the screen to say. @returns what ends it */
export function openLine({ address, onShown, onDark, onRefused }: LineOptions): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  const open = () => {
    source = new EventSource(address)
    source.addEventListener('wallboard', ({ data }: MessageEvent<string>) => {
      const read = Wallboard.safeParse(JSON.parse(data))
      if (read.success) onShown(read.data)
    })
    source.addEventListener('dark', onDark)
    source.addEventListener('error', () => {
      // A network that is away the browser tries again by itself; an answer that was no stream it does not.
      if (source?.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => void again(), AGAIN_AFTER_MS)
    })
  }
  const again = async () => {
    const status = await statusOf(address)
    if (isClosed) return
    if (status !== 401 && status !== 403 && status !== 404) return open()
    onDark()
    onRefused()
    timer = setTimeout(() => void again(), REFUSED_AGAIN_AFTER_MS)
  }
  open()
  return () => {
    isClosed = true
    clearTimeout(timer)
    source?.close()
  }
}

async function statusOf(address: string): Promise<number | undefined> {
  const cut = new AbortController()
  try {
    return (await fetch(address, { signal: cut.signal })).status
  } catch {
    return undefined
  } finally {
    cut.abort()
  }
}
