import { figureNamed } from '@parley/figures'
import { useEffect, useRef } from 'react'
import { shownIn } from '../figures/worth.ts'
import type { Format } from '../screen/format.ts'
import { type Called, keyCalled } from '../state/names.ts'
import type { Language } from '../state/written-language.ts'
import { alertText } from './alert-text.ts'
import type { Alert } from './shapes.ts'
import type { WallboardTexts } from './texts.ts'

interface AlertsProps {
  readonly alerts: readonly Alert[]
  /** How many are open. */
  readonly count: number
  readonly texts: WallboardTexts
  readonly language: Language
  readonly format: Format
  readonly called: Called
  /** Of teams, by id. */
  readonly names: Readonly<Record<string, string>> | undefined
  /** Undefined: whoever looks may not. */
  readonly onLookAfter: ((alert: Alert) => void) | undefined
  /** Nobody can open anything there. */
  readonly isTelevision: boolean
}

/** Two stand beside each other without taking the numbers' room. */
const SHOWN = 2

/** What is wrong now: first what nobody looks after. */
export function Alerts({
  alerts,
  count,
  texts,
  language,
  format,
  called,
  names,
  onLookAfter,
  isTelevision,
}: AlertsProps) {
  if (alerts.length === 0) return null
  const order = alerts.toSorted((one, other) => Number(isSeen(one)) - Number(isSeen(other)))
  const rest = count - SHOWN
  return (
    <section className="alerts" aria-label={texts.alerts} aria-live="assertive">
      <ul>
        {order.slice(0, SHOWN).map((alert) => (
          <li key={alert.id} data-id={alert.id} data-seen={isSeen(alert)}>
            <strong>
              <span aria-hidden="true">{isSeen(alert) ? '◉' : '⚠'}</span>{' '}
              {isSeen(alert) ? texts.lookedAfter : texts.alert}
            </strong>{' '}
            <span className="about">
              {[...whose(alert, called, names), about(alert, texts, language, format), alert.reason]
                .filter((part) => part !== '')
                .join(' · ')}
            </span>
            {!isTelevision && alert.conversationId !== null && (
              <a href={`/desk/all/${encodeURIComponent(alert.conversationId)}`}>{texts.readAlong}</a>
            )}
            {onLookAfter !== undefined && !isSeen(alert) && (
              <button type="button" onClick={() => onLookAfter(alert)}>
                {texts.lookAfter}
              </button>
            )}
          </li>
        ))}
      </ul>
      {rest > 0 && <p>{texts.more(format.number(rest))}</p>}
    </section>
  )
}

const isSeen = ({ acknowledgedAt }: Alert): boolean => acknowledgedAt !== null

function whose(
  { queue, team }: Alert,
  called: Called,
  names: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  if (queue !== null) return [called('queues', queue)]
  return team === null ? [] : [keyCalled(called, 'team', team, names)]
}

function about(
  { figure, over, value, limit, isBelow }: Alert,
  texts: WallboardTexts,
  language: Language,
  format: Format,
) {
  const time = over === null ? '' : ` (${texts.over[over]})`
  const what = alertText(texts, language, figure) + time
  const unit = over === null ? undefined : figureNamed(figure ?? '')?.unit
  const read = (worth: number): string =>
    unit !== undefined
      ? shownIn(format, figure ?? '', unit, worth)
      : figure?.endsWith('Seconds')
        ? format.stopwatch(Math.round(worth))
        : figure?.endsWith('Percent')
          ? format.exactPercent(worth / 100)
          : format.number(worth)
  const wanted = limit === null ? '' : ` (${isBelow ? texts.least(read(limit)) : texts.most(read(limit))})`
  const number = value === null ? '' : ` ${read(value)}`
  return `${what}${number}${wanted}`
}

/** Each sounds once while nobody looks after it. @param sound it is heard */
export function useAlertSound(alerts: readonly Alert[] | undefined, sound: () => void): void {
  const heard = useRef<ReadonlySet<string>>(new Set())
  useEffect(() => {
    if (alerts === undefined) return
    const unseen = alerts.filter((alert) => !isSeen(alert)).map(({ id }) => id)
    if (unseen.some((id) => !heard.current.has(id))) sound()
    heard.current = new Set([...heard.current, ...unseen])
  }, [alerts, sound])
}
