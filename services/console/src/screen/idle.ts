import { useEffect, useRef } from 'react'

const IDLE_MS = 5 * 60_000

/** Says so once whenever nobody has touched the desk for some minutes. */
export function useIdle(isWatched: boolean, onIdle: () => void): void {
  const latest = useRef(onIdle)
  latest.current = onIdle
  useEffect(() => {
    if (!isWatched) return
    let timer = setTimeout(() => latest.current(), IDLE_MS)
    const active = () => {
      clearTimeout(timer)
      timer = setTimeout(() => latest.current(), IDLE_MS)
    }
    const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const
    for (const sign of signs) window.addEventListener(sign, active, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const sign of signs) window.removeEventListener(sign, active)
    }
  }, [isWatched])
}
