import { useEffect, useRef, useState } from 'react'
import type { Client } from '../api/client.ts'
import { openLine } from './line.ts'
import type { Shown } from './line-state.ts'
import type { Targets, Wallboard } from './shapes.ts'

/** What is shown now, when it came by this machine's own clock, and for how long it was not all that had happened. */
export function useWallboard(base: string, onRefused: () => void, narrowing = location.search) {
  const [shown, setShown] = useState<Shown & { readonly wallboard: Wallboard }>()
  const refused = useRef(onRefused)
  refused.current = onRefused
  useEffect(
    () =>
      openLine({
        address: `${base}/stream${narrowing}`,
        onShown: (wallboard) =>
          setShown({ wallboard, cameAtMs: performance.now(), behindMs: wallboard.behindSeconds * 1_000 }),
        onDark: () => setShown(undefined),
        onRefused: () => refused.current(),
      }),
    [base, narrowing],
  )
  return shown
}

const NO_TARGETS: Targets = {}
/** They change when somebody applies another configuration. */
const TARGETS_EVERY_MS = 60_000

export function useTargets(client: Client, base: string): Targets {
  const [targets, setTargets] = useState(NO_TARGETS)
  useEffect(() => {
    const read = () => void client.targets(base).then(setTargets, () => undefined)
    read()
    const timer = setInterval(read, TARGETS_EVERY_MS)
    return () => clearInterval(timer)
  }, [client, base])
  return targets
}
