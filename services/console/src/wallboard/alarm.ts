import { useCallback, useEffect, useRef, useState } from 'react'
import { type Alarm, type Judged, QUIET, acknowledged, heard } from './judging.ts'
import { Chime } from './sound.ts'

/** @param breaches undefined: nothing is known yet @param settled see `heard` */
export function useAlarm(breaches: readonly Judged[] | undefined, settled: readonly Judged[]) {
  const [alarm, setAlarm] = useState<Alarm>(QUIET)
  const [isSounding, setIsSounding] = useState(false)
  const chime = useRef(new Chime())
  const key = breaches && `${breaches.join(' ')} ${settled.join(' ')}`
  useEffect(() => {
    if (breaches === undefined) return
    const next = heard(alarm, breaches, settled)
    if (next.sounds) chime.current.sound()
    setAlarm(next.alarm)
    // By what is in breach and what is settled: what it makes of the alarm is no news to itself.
  }, [key])
  return {
    alarm,
    isSounding,
    see: () => setAlarm(acknowledged(alarm, breaches ?? [])),
    /** Who is called to the telephone turns it off, and on again. */
    toggle: () =>
      void (isSounding ? chime.current.rest() : chime.current.allow()).then(() => setIsSounding(!isSounding)),
    sound: useCallback(() => chime.current.sound(), []),
  }
}
