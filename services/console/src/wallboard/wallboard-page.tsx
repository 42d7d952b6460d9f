import { useMemo } from 'react'
import { datesIn } from '../figures/period.ts'
import { formatOf } from '../screen/format.ts'
import { calledIn } from '../state/names.ts'
import { AgentStates } from './agent-states.tsx'
import { useAlarm } from './alarm.ts'
import { Alerts, useAlertSound } from './alerts.tsx'
import { Counted, NOTHING, behindNumbers, percentOf } from './counted.tsx'
import { GroupTable } from './group-table.tsx'
import { Head, type Shared } from './head.tsx'
import { JUDGED, type Judged, isRoundedAcross, judge, waitingIn } from './judging.ts'
import { useTargets, useWallboard } from './read.ts'
import { Televisions } from './televisions.tsx'
import { numberText } from './texts.ts'
import { Tile } from './tile.tsx'
import { whoseTotals } from './whose.ts'

export function WallboardPage({
  texts,
  language,
  onLanguage,
  client,
  base,
  onRefused,
  team = null,
  timeZone = 'UTC',
  mayLookAfter,
  permissions = [],
  isTelevision,
}: Shared & {
  readonly base: string
  /** Of who looks. */
  readonly team?: string | null
  /** The company's: whose day it is. */
  readonly timeZone?: string
  readonly mayLookAfter: boolean
  /** Of who looks: where else they may go. */
  readonly permissions?: readonly string[]
  readonly isTelevision: boolean
}) {
  const shown = useWallboard(base, onRefused)
  const targets = useTargets(client, base)
  const wallboard = shown?.wallboard
  const totals = wallboard?.totals
  const verdicts = useMemo(
    () => (totals === undefined ? undefined : judge(totals, targets)),
    [totals, targets],
  )
  const called = useMemo(() => calledIn(targets.names, language), [targets.names, language])
  const breaches = verdicts && JUDGED.filter((one) => verdicts[one] === 'breach')
  const isSettled = (one: Judged) => verdicts?.[one] === 'good' || verdicts?.[one] === null
  const { alarm, see, isSounding, toggle, sound } = useAlarm(
    breaches,
    isTelevision ? JUDGED.filter(isSettled) : [],
  )
  const named = (some: readonly Judged[]) => some.map((one) => numberText(texts, one)).join(', ')
  const lasting = alarm.unseen.filter((one) => breaches?.includes(one))
  const over = isTelevision ? [] : alarm.unseen.filter((one) => !lasting.includes(one))
  useAlertSound(wallboard?.alerts, sound)
  const format = useMemo(() => formatOf(texts.tag), [texts.tag])
  const today = useMemo(() => datesIn(timeZone), [timeZone])(wallboard?.at ?? Date.now())
  const { rows, counted } = isTelevision ? NOTHING : behindNumbers(today)
  const percent = (value: number | null, limit?: number) =>
    value !== null && isRoundedAcross(value, limit)
      ? format.exactPercent(value / 100)
      : percentOf(format, value)
  const most = (max: number | undefined, show: (value: number) => string) =>
    max === undefined ? undefined : texts.most(show(max))
  const least = (min: number | undefined, show: (value: number) => string) =>
    min === undefined ? undefined : texts.least(show(min))
  const of = whoseTotals(location.search, team, wallboard)
  const waits = rows({ view: 'waiting' })

  return (
    <div className="wallboard">
      <Head
        title={
          <>
            <img src="/icon.svg" alt="" width="24" height="24" /> {texts.title}
          </>
        }
        texts={texts}
        language={language}
        onLanguage={onLanguage}
        shown={shown}
        format={format}
        permissions={isTelevision ? null : permissions}
      >
        {!isTelevision && (
          <Televisions client={client} texts={texts} called={called} names={targets.teams} format={format} />
        )}
        <button type="button" className="bar" aria-pressed={isSounding} onClick={toggle}>
          <span aria-hidden="true">{isSounding ? '🔔' : '🔕'}</span>
          <span className="hidden">{isSounding ? texts.soundOn : texts.soundOff}</span>
        </button>
      </Head>
      {lasting.length + over.length > 0 && (
        <p className="breach" role="alert">
          <span aria-hidden="true">✖</span>{' '}
          {[
            ...(lasting.length > 0 ? [texts.breach(named(lasting))] : []),
            ...(over.length > 0 ? [texts.breachOver(named(over))] : []),
          ].join(' · ')}
          <button type="button" onClick={see}>
            {texts.seen}
          </button>
        </p>
      )}
      <Alerts
        alerts={wallboard?.alerts ?? []}
        count={wallboard?.alertCount ?? wallboard?.alerts.length ?? 0}
        texts={texts}
        language={language}
        format={format}
        called={called}
        names={targets.teams}
        onLookAfter={
          mayLookAfter ? ({ id }) => void client.acknowledge(id).catch(() => undefined) : undefined
        }
        isTelevision={isTelevision}
      />
      {wallboard !== undefined && totals !== undefined && verdicts !== undefined && (
        <main>
          <div className="tiles">
            <Tile
              name={texts.numbers.waiting}
              value={format.number(waitingIn(totals))}
              href={waits}
              verdict={verdicts.waiting}
              target={most(targets.waitingMax, format.number)}
              texts={texts}
            />
            <Tile
              name={texts.numbers.longestWait}
              value={format.stopwatch(totals.longestWaitSeconds)}
              href={waits}
              verdict={verdicts.longestWait}
              target={most(targets.longestWaitSecondsMax, format.stopwatch)}
              texts={texts}
            />
            <Tile
              name={texts.numbers.withAgent}
              value={format.number(totals.withAgent)}
              href={rows({ stage: 'with_agent' })}
              detail={
                <>
                  {texts.numbers.parked}:{' '}
                  <Counted href={rows({ stage: 'parked' })}>{format.number(totals.parked)}</Counted>
                </>
              }
              texts={texts}
            />
            {wallboard.seesAll && (
              <Tile
                name={texts.numbers.withRobot}
                value={format.number(totals.withRobot)}
                href={rows({ stage: 'with_robot' })}
                detail={
                  <>
                    {texts.numbers.containment}:{' '}
                    <Counted href={counted('containment', totals.containmentPercent, of.robot)}>
                      {percent(totals.containmentPercent, targets.containmentPercentMin)}
                    </Counted>
                  </>
                }
                isOfDetail
                verdict={verdicts.containment}
                target={least(targets.containmentPercentMin, percent)}
                texts={texts}
              />
            )}
            <Tile
              name={texts.numbers.serviceLevel}
              value={percent(totals.serviceLevelPercent, targets.serviceLevelPercentMin)}
              href={counted('service_level', totals.serviceLevelPercent, of.waits, 'denominator')}
              verdict={verdicts.serviceLevel}
              target={least(targets.serviceLevelPercentMin, percent)}
              texts={texts}
            />
            <Tile
              name={texts.numbers.abandoned}
              value={percent(totals.abandonedPercent, targets.abandonedPercentMax)}
              href={counted('abandonment', totals.abandonedPercent, of.waits)}
              verdict={verdicts.abandoned}
              target={most(targets.abandonedPercentMax, percent)}
              detail={
                <>
                  {texts.numbers.handled}:{' '}
                  <Counted href={counted('handled', totals.handledToday, of.handled)}>
                    {totals.handledToday === null ? '–' : format.number(totals.handledToday)}
                  </Counted>
                </>
              }
              texts={texts}
            />
          </div>
          <div className="below">
            <GroupTable
              wallboard={wallboard}
              texts={texts}
              called={called}
              names={targets.teams}
              format={format}
              rows={rows}
              counted={counted}
              isTelevision={isTelevision}
            />
            <AgentStates
              wallboard={wallboard}
              texts={texts}
              format={format}
              rows={rows}
              isTelevision={isTelevision}
            />
          </div>
        </main>
      )}
    </div>
  )
}
